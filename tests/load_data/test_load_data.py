"""`python -m tests.load_data`: rows of everything, with a ledger that is right."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Account, Group, User
from alerts.deliveries.enums import DeliveryState
from alerts.models import Alert, AlertLog, Delivery
from realtime.models import AccountEvent
from tests import factories
from tests.load_data.command import Command
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Trade

SIZES = ("--accounts", "60", "--trades", "3000", "--logs", "400")
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint ORDER BY 1, 2
"""


def seed(*options: str) -> None:
    call_command(Command(), *SIZES, *options, verbosity=0)


def catalog() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        cursor.execute(KEYS)
        return [*indexes, *cursor.fetchall()]


@pytest.mark.django_db
def test_load_data_creates_the_given_sizes_with_an_exact_ledger() -> None:
    before = catalog()
    seed()
    loaded = Account.objects.filter(pk__gte=1_000_000)
    assert loaded.count() == 60
    assert Trade.objects.filter(account__in=loaded).count() == 3000
    assert AlertLog.objects.count() == 400
    assert list(find_differences()) == []
    assert catalog() == before


@pytest.mark.django_db
def test_load_data_creates_rows_of_every_kind() -> None:
    seed()
    states = {State.OPEN, State.CLOSED, State.CLOSED_PART, State.DELETED}
    assert set(Trade.objects.values_list("state", flat=True)) == states
    finance = {Cmd.BALANCE_IN, Cmd.BALANCE_OUT, Cmd.CREDIT_IN}
    assert set(Trade.objects.values_list("cmd", flat=True)) >= {*range(6), *finance}
    assert Group.objects.filter(accounts__gte=1_000_000).distinct().count() > 3
    assert Trade.objects.pendings().exists()
    assert Alert.objects.values("status").distinct().count() > 3
    assert AccountEvent.objects.filter(login__gte=1_000_000).count() == 60
    assert not Delivery.objects.filter(state=DeliveryState.WAITING).exists()
    assert not Fill.objects.without_quotes().filter(trade__account__gte=1_000_000).exists()


@pytest.mark.django_db
def test_the_next_order_and_alert_get_unused_ids() -> None:
    seed()
    account = Account.objects.get(pk=1_000_000)
    new = Trade.objects.create(account=account, cmd=Cmd.BALANCE_IN, state=3, open_time=1)
    assert not Trade.objects.filter(pk__gt=new.pk).exists()
    newest = Alert.objects.order_by("-pk")[0]
    newest.pk, newest._state.adding = None, True
    newest.save()


@pytest.mark.django_db
def test_with_accounts_besides_the_demos_it_needs_force() -> None:
    factories.client(500, factories.group("real"))
    with pytest.raises(CommandError, match="--force"):
        seed()
    assert not User.objects.filter(pk__gte=1_000_000).exists()
    seed("--force")
    seed("--force")
    assert User.objects.filter(pk__gte=1_000_000).count() == 120
    assert list(find_differences()) == []


@pytest.mark.django_db
def test_production_is_refused(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        seed("--force")
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [("--accounts", "0"), ("--trades", "59"), ("--logs", "-1")])
def test_impossible_sizes_are_refused(wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="size"):
        seed(*wrong)
    assert not User.objects.filter(pk__gte=1_000_000).exists()


@pytest.mark.django_db
def test_load_data_prints_how_long_each_part_took() -> None:
    out = StringIO()
    call_command(Command(), *SIZES, stdout=out)
    assert [line.split(":")[0] for line in out.getvalue().splitlines()][-3:] == [
        "accounts", "trades", "alerts",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["1_0", "\u0661", "+1"])
def test_a_malformed_integer_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="invalid"):
        call_command(Command(), f"--accounts={text}")
