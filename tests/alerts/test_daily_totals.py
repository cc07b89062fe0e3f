"""Daily totals of firings: counted once as they are logged, and quick to read."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Account, User
from alerts import daily_totals, services
from alerts.backoffice import dashboard
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog, DayTotal
from core import heartbeats
from core.clock import now
from market.models import Symbol
from tests import factories
from tests.backoffice.tile_reader import read_tiles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _without_cooldown(settings: Settings) -> None:
    settings.ALERT_COOLDOWN_LEAST = 0


def alert(account: Account, target: str) -> Alert:
    """Fires whenever the bid crosses the target upwards."""
    return services.create_alert(
        login=account.login, symbol="EURUSD", side=0, condition=0, repeat_mode=1, cooldown=0,
        target_price=Decimal(target),
    )  # fmt: skip


def today() -> date:
    return datetime.fromtimestamp(now(), UTC).date()


def counted() -> dict[tuple[str, int], int]:
    rows = DayTotal.objects.filter(day=today()).values_list("symbol", "group", "fired")
    return {(symbol, group): fired for symbol, group, fired in rows}


def up_and_down(times: int = 1) -> None:
    for _ in range(times):
        factories.publish(("EURUSD", 1.2, 1.2001), ("EURUSD", 1.1, 1.1001))
    evaluate_new_batches()


def test_each_firing_is_counted_in_its_group_and_symbol(
    alice: Account, bob: Account, eurusd: Symbol
) -> None:
    alert(alice, "1.15")
    alert(alice, "1.16")
    alert(bob, "1.17")
    evaluate_new_batches()
    up_and_down(3)
    assert AlertLog.objects.count() == 9
    assert counted() == {("EURUSD", alice.group_id): 6, ("EURUSD", bob.group_id): 3}
    up_and_down()
    assert counted() == {("EURUSD", alice.group_id): 8, ("EURUSD", bob.group_id): 4}


def test_an_evaluation_that_fails_counts_nothing(
    alice: Account, eurusd: Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert(alice, "1.15")
    evaluate_new_batches()
    with monkeypatch.context() as broken:
        broken.setattr("alerts.evaluation.firing.event_log.append_many", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            up_and_down()
    assert DayTotal.objects.count() == AlertLog.objects.count() == 0
    evaluate_new_batches()
    assert counted() == {("EURUSD", alice.group_id): 1}


def test_a_recount_equals_the_totals(alice: Account, bob: Account, eurusd: Symbol) -> None:
    for account in (alice, bob):
        alert(account, "1.15")
    evaluate_new_batches()
    up_and_down(2)
    before = counted()
    DayTotal.objects.all().delete()
    for _ in range(2):
        daily_totals.recount_daily_totals()
        assert counted() == before != {}


def test_the_totals_outlive_the_logs(alice: Account, eurusd: Symbol) -> None:
    alert(alice, "1.15")
    evaluate_new_batches()
    up_and_down()
    AlertLog.objects.all().delete()
    assert sum(counted().values()) == 1


def test_thirty_days_are_read_by_one_index_scan(alice: Account, admin: User) -> None:
    rows = [
        DayTotal(day=date.fromordinal(day), group=alice.group, symbol=f"S{n}", fired=n)
        for day in range(today().toordinal() - 400, today().toordinal() + 1)
        for n in range(50)
    ]
    DayTotal.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE alerts_daytotal")
    with CaptureQueriesContext(connection) as queries:
        by_day, by_symbol = dashboard.count_firings(admin)
    assert by_day == {day: sum(range(50)) for day in dashboard.last_days()}
    assert by_symbol.most_common(1) == [("S49", 49 * dashboard.DAYS)]
    (query,) = queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "one_total_a_day" in plan, plan


def test_a_scoped_manager_sees_the_totals_of_its_groups(
    alice: Account, bob: Account, eurusd: Symbol, carol: User
) -> None:
    for account, fired in ((alice, 5), (bob, 7)):
        DayTotal.objects.create(day=today(), group=account.group, symbol="EURUSD", fired=fired)
    assert dashboard.count_firings(carol)[0].total() == 12
    carol = User.objects.get(pk=carol.pk)
    carol.managed_groups = "std-*"
    assert dashboard.count_firings(carol)[0].total() == 7


def test_the_totals_are_shown_above_the_alert_log(
    carol: User, alice: Account, client: Client
) -> None:
    DayTotal.objects.create(day=today(), group=alice.group, symbol="EURUSD", fired=5)
    client.force_login(carol)
    page = client.get("/admin/alerts/alertlog/").content.decode()
    assert 'hx-get="/admin/dashboard/data?tile=alerts_by_day"' in page
    answer = read_tiles(client.get("/admin/dashboard/data?tile=alerts_by_day"))
    chart, note = answer["alerts_by_day"]
    assert chart["series"] == [["fired", [0] * 29 + [5]]]
    assert note["text"] == "Most in 30 days: EURUSD 5"


def test_the_worker_reports_its_lag(alice: Account, eurusd: Symbol) -> None:
    evaluate_new_batches()
    up_and_down()
    (numbers,) = heartbeats.read_heartbeats()["alerts"].values()
    assert 0 <= numbers["lag_ms"] < 60_000
