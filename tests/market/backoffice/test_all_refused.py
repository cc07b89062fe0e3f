"""A symbol whose quotes are all refused is named in health, metrics and pages."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from core import heartbeats, redis
from core.clock import now_ms
from market import catalog
from market.backoffice import feed_health
from market.enums import TradeMode
from market.feed import recovery
from market.feed.recovery import FeedStart
from market.models import Symbol
from observe import health
from tests import factories
from tests.market.backoffice.test_feed_health import table_lines

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3_600_000
METRIC = 'broker_feed_symbol_refused_seconds{reason="OUT_OF_ORDER",symbol="EURUSD"}'


class Feed:
    """A feed that was started, `ago` ms before now by its clock of receipt."""

    def __init__(self, ago: int = 100_000) -> None:
        self.running: FeedStart = recovery.prepare_start(resume=True)
        self.clock = now_ms() - ago

    def send(self, symbol: str, bid: float, *, ahead: int = 0) -> str | None:
        """One quote, published; its time is `ahead` ms ahead of its receipt."""
        ask = round(bid + 0.0001, 5)
        answer = self.running.intake.accept(symbol, bid, ask, self.clock + ahead, self.clock)
        flush = self.running.publisher.prepare(self.running.intake.take_collected(), [], now_ms())
        assert flush is not None
        self.running.publisher.send(flush)
        self.running.publisher.send(flush)  # an answer was lost
        return answer

    def refuse(self, symbol: str, seconds: int) -> None:
        """A refused quote a second."""
        for _ in range(seconds):
            assert self.send(symbol, 1.1, ahead=HOUR) == "OUT_OF_ORDER"
            self.clock += 1000


@pytest.fixture
def feed(db: None) -> Feed:
    factories.symbol("EURUSD", quote_timeout=60)
    factories.symbol("GBPUSD", quote_timeout=60)
    redis.mark_alive("feed")
    redis.mark_alive("engine")
    heartbeats.report_heartbeat("engine", shard=0, leader=1, lag_ms=20)
    return Feed()


def named_symbols() -> list[str]:
    return [one.symbol for one in feed_health.symbols_all_refused()]


def readyz() -> Any:
    for part in health.TIMEBOXED_CHECKS.values():
        part.reset()
    answer = Client().get("/readyz")
    assert answer.status_code == 200, answer.json()
    return answer.json()["checks"]["quotes"]


def metrics() -> str:
    return Client().get("/metrics").content.decode()


def test_a_symbol_with_a_clock_ahead_is_named_after_its_quote_timeout(
    feed: Feed, dan: User, client: Client
) -> None:
    factories.quote("GBPUSD", 1.3, 1.3001)
    feed.refuse("EURUSD", 61)
    assert named_symbols() == []
    assert METRIC not in metrics()
    feed.refuse("EURUSD", 10)
    assert named_symbols() == ["EURUSD"]
    assert "; all are refused of EURUSD (OUT_OF_ORDER, 1" in readyz()
    seconds = float(metrics().split(METRIC)[1].splitlines()[0])
    assert 100 <= seconds < 130
    row = table_lines(client, dan)
    assert next(iter(row)) == "EURUSD"
    assert row["EURUSD"]["state"].startswith("all OUT_OF_ORDER for ")


def test_the_first_accepted_quote_ends_the_warning(feed: Feed) -> None:
    feed.refuse("EURUSD", 70)
    assert named_symbols() == ["EURUSD"]
    assert feed.send("EURUSD", 1.1) is None
    assert named_symbols() == []
    feed.refuse("EURUSD", 60)
    assert named_symbols() == []


def test_accepted_quotes_between_refused_ones_prevent_the_warning(feed: Feed) -> None:
    for _ in range(10):
        feed.refuse("EURUSD", 20)
        assert feed.send("EURUSD", 1.1) is None
    assert named_symbols() == []


def test_held_and_old_quotes_count_as_refused(feed: Feed) -> None:
    assert feed.send("EURUSD", 1.1) is None
    for bid in (2.0, 3.0, 4.0) * 40:
        feed.clock += 1000
        assert feed.send("EURUSD", bid) in ("FILTERED", "HELD")
    assert [one.reason for one in feed_health.symbols_all_refused()] == ["HELD"]
    for _ in range(62):
        feed.clock += 1000
        assert feed.send("GBPUSD", 1.3, ahead=-HOUR) == "OLD"
    assert {one.symbol: one.reason for one in feed_health.symbols_all_refused()} == {
        "EURUSD": "HELD",
        "GBPUSD": "OLD",
    }


def test_a_source_that_fell_silent_is_not_named(feed: Feed) -> None:
    feed.refuse("EURUSD", 1)
    feed.clock += 30_000
    feed.refuse("EURUSD", 1)
    assert named_symbols() == []


def test_a_closed_market_is_not_named(feed: Feed) -> None:
    feed.refuse("EURUSD", 70)
    Symbol.objects.filter(pk="EURUSD").update(trade=TradeMode.NO)
    catalog.clear_catalog()
    assert named_symbols() == []


def test_deleting_the_symbol_or_restarting_the_feed_resets_the_warning(feed: Feed) -> None:
    feed.refuse("EURUSD", 70)
    feed.running.intake.update_symbols(Symbol.objects.filter(pk="GBPUSD"))
    assert feed.send("GBPUSD", 1.3) is None
    assert named_symbols() == []
    feed.running.intake.update_symbols(Symbol.objects.all())
    feed.refuse("EURUSD", 70)
    assert named_symbols() == ["EURUSD"]
    feed.running = recovery.prepare_start(resume=True)
    assert named_symbols() == []
    feed.refuse("EURUSD", 70)
    assert named_symbols() == ["EURUSD"]


def test_a_known_price_of_an_old_quote_does_not_end_or_prolong_the_warning(
    feed: Feed,
) -> None:
    """Quotes too old to be traded make candles, whose close is the last known price."""
    feed.refuse("EURUSD", 70)
    assert named_symbols() == ["EURUSD"]
    feed.running.intake.update_symbols(Symbol.objects.all(), prices={"EURUSD": 1.1})
    assert named_symbols() == ["EURUSD"]
    assert feed.send("EURUSD", 1.1) is None
    assert named_symbols() == []


def test_prometheus_has_an_alert_rule_for_it() -> None:
    rules = (settings.BASE_DIR / "docker" / "prometheus-rules.yml").read_text()
    assert "expr: max by (symbol) (broker_feed_symbol_refused_seconds) > 0" in rules
    assert "{{ $labels.symbol }}" in rules
