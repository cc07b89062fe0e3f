"""What needs attention is mailed once to the members of a role, by permission and scope."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import override_settings

from accounts.models import Account, User
from alerts.models import Address
from backoffice.attention.mail_matters import queue_attention_mails
from backoffice.models import OutgoingMail
from core import redis
from core.clock import now
from market.models import Symbol
from tests.backoffice.roles.matrix_rows import approval
from trading.models import MarginAction


@pytest.fixture(autouse=True)
def _running(eurusd: Symbol, mary: User, dan: User) -> Iterator[None]:
    """Everything runs; Mary, a manager, is mailed what needs attention."""
    for process in ("feed", "engine", "worker"):
        redis.mark_alive(process)
    User.objects.filter(pk=mary.pk).update(email="mary@example.com")
    with override_settings(ATTENTION_MAIL_ROLE="manager", EMAIL_URL="smtp://127.0.0.1:9"):
        yield


def mailed() -> list[tuple[str, str, str]]:
    """Run the task, and return what it has queued."""
    cache.clear()
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    number = queue_attention_mails()
    rows = OutgoingMail.objects.exclude(pk__in=before).order_by("pk")
    assert len(rows) == number
    return [(row.to, row.subject, row.text.splitlines()[0]) for row in rows]


def test_each_approval_is_mailed_once(alice: Account, dan: User, mary: User) -> None:
    assert mailed() == []
    first = (
        "mary@example.com",
        "Broker platform: approvals waiting",
        "Deposit 500.00 USD of 100001",
    )
    approval(dan)
    assert mailed() == [first]
    assert mailed() == []
    approval(dan)
    approval(mary)  # which she cannot decide
    assert mailed() == [first]


def test_stop_outs_are_mailed_once_a_day_to_those_who_see_them(
    alice: Account, bob: Account, mary: User
) -> None:
    User.objects.filter(pk=mary.pk).update(managed_groups="demo-usd")
    for account in (alice, bob, alice):
        MarginAction.objects.create(account=account, kind="stop_out", time=now())
    assert mailed() == []  # it has to last until the next run
    assert mailed() == [("mary@example.com", "Broker platform: stop-outs today", "100001 Alice")]
    MarginAction.objects.create(account=alice, kind="stop_out", time=now())
    assert mailed() == []


def test_what_passes_at_once_is_not_mailed(mary: User) -> None:
    redis.sync_client().delete("alive:worker")
    assert mailed() == []
    redis.mark_alive("worker")
    assert mailed() == []


def test_an_address_is_mailed_again_when_it_fails_anew(alice: Account) -> None:
    address = Address.objects.create(
        account=alice, channel=1, address="https://e.com", created_at=1, updated_at=1,
        failures=3, failing_since=5,
    )  # fmt: skip
    assert [text for _, _, text in mailed()] == ["https://e.com of 100001: 3 failures"]
    Address.objects.filter(pk=address.pk).update(failures=4)
    assert mailed() == []
    Address.objects.filter(pk=address.pk).update(failing_since=9)
    assert len(mailed()) == 1


@pytest.mark.parametrize("without", [{"ATTENTION_MAIL_ROLE": ""}, {"EMAIL_URL": ""}])
def test_nobody_is_mailed_unless_it_is_asked_for(
    alice: Account, dan: User, without: dict[str, str]
) -> None:
    approval(dan)
    with override_settings(**without):
        assert mailed() == []


def test_only_active_members_with_an_address_are_mailed(
    alice: Account, dan: User, mary: User, admin: User
) -> None:
    approval(dan)
    User.objects.filter(pk=admin.pk).update(email="boss@example.com")
    with override_settings(ATTENTION_MAIL_ROLE="administrator"):  # a superuser without the role
        assert [to for to, _, _ in mailed()] == ["boss@example.com"]
    User.objects.filter(pk=mary.pk).update(enable=False)
    assert mailed() == []
