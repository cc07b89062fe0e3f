"""A symbol whose quotes are all refused is named in health, metrics and pages."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from core import redis, vitals
from core.clock import now_ms
from market import catalog, feed_health
from market.enums import TradeMode
from market.feed import recovery
from market.feed.recovery import Start
from market.models import Symbol
from observe import health
from tests import factories
from tests.market.test_feed_health import shown

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3_600_000
METRIC = 'broker_feed_symbol_refused_seconds{reason="OUT_OF_ORDER",symbol="EURUSD"}'


class Feed:
    """A feed that was started, `ago` ms before now by its clock of receipt."""

    def __init__(self, ago: int = 100_000) -> None:
        self.running: Start = recovery.start(resume=True)
        self.clock = now_ms() - ago

    def send(self, symbol: str, bid: float, *, ahead: int = 0) -> str | None:
        """One quote, published; its time is `ahead` ms ahead of its receipt."""
        ask = round(bid + 0.0001, 5)
        answer = self.running.intake.accept(symbol, bid, ask, self.clock + ahead, self.clock)
        flush = self.running.publisher.prepare(self.running.intake.take(), [], now_ms())
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
    redis.beat("feed")
    redis.beat("engine")
    vitals.tell("engine", shard=0, leader=1, lag_ms=20)
    return Feed()


def named() -> list[str]:
    return [one.symbol for one in feed_health.all_refused()]


def readyz() -> Any:
    for part in health.PARTS.values():
        part.reset()
    answer = Client().get("/readyz")
    assert answer.status_code == 200, answer.json()
    return answer.json()["checks"]["quotes"]


def metrics() -> str:
    return Client().get("/metrics").content.decode()


def test_one_whose_clock_is_ahead_is_named_once_its_timeout_has_passed(
    feed: Feed, dan: User, client: Client
) -> None:
    factories.quote("GBPUSD", 1.3, 1.3001)
    feed.refuse("EURUSD", 61)
    assert named() == []
    assert METRIC not in metrics()
    feed.refuse("EURUSD", 10)
    assert named() == ["EURUSD"]
    assert "; all are refused of EURUSD (OUT_OF_ORDER, 1" in readyz()
    seconds = float(metrics().split(METRIC)[1].splitlines()[0])
    assert 100 <= seconds < 130
    row = shown(client, dan)
    assert next(iter(row)) == "EURUSD"
    assert row["EURUSD"]["state"].startswith("all OUT_OF_ORDER for ")


def test_the_first_accepted_quote_ends_it(feed: Feed) -> None:
    feed.refuse("EURUSD", 70)
    assert named() == ["EURUSD"]
    assert feed.send("EURUSD", 1.1) is None
    assert named() == []
    feed.refuse("EURUSD", 60)
    assert named() == []


def test_accepted_quotes_between_refused_ones_keep_it_unnamed(feed: Feed) -> None:
    for _ in range(10):
        feed.refuse("EURUSD", 20)
        assert feed.send("EURUSD", 1.1) is None
    assert named() == []


def test_quotes_that_are_held_or_too_old_count_as_refused(feed: Feed) -> None:
    assert feed.send("EURUSD", 1.1) is None
    for bid in (2.0, 3.0, 4.0) * 40:
        feed.clock += 1000
        assert feed.send("EURUSD", bid) in ("FILTERED", "HELD")
    assert [one.reason for one in feed_health.all_refused()] == ["HELD"]
    for _ in range(62):
        feed.clock += 1000
        assert feed.send("GBPUSD", 1.3, ahead=-HOUR) == "OLD"
    assert {one.symbol: one.reason for one in feed_health.all_refused()} == {
        "EURUSD": "HELD",
        "GBPUSD": "OLD",
    }


def test_a_source_that_falls_silent_in_between_is_not_named(feed: Feed) -> None:
    feed.refuse("EURUSD", 1)
    feed.clock += 30_000
    feed.refuse("EURUSD", 1)
    assert named() == []


def test_a_closed_market_is_not_named(feed: Feed) -> None:
    feed.refuse("EURUSD", 70)
    Symbol.objects.filter(pk="EURUSD").update(trade=TradeMode.NO)
    catalog.forget()
    assert named() == []


def test_a_deleted_symbol_and_a_started_feed_begin_anew(feed: Feed) -> None:
    feed.refuse("EURUSD", 70)
    feed.running.intake.update(Symbol.objects.filter(pk="GBPUSD"))
    assert feed.send("GBPUSD", 1.3) is None
    assert named() == []
    feed.running.intake.update(Symbol.objects.all())
    feed.refuse("EURUSD", 70)
    assert named() == ["EURUSD"]
    feed.running = recovery.start(resume=True)
    assert named() == []
    feed.refuse("EURUSD", 70)
    assert named() == ["EURUSD"]


def test_one_that_gets_a_known_price_meanwhile_is_named_no_longer_than_it_is_refused(
    feed: Feed,
) -> None:
    """Quotes too old to be traded make candles, whose close is the last known price."""
    feed.refuse("EURUSD", 70)
    assert named() == ["EURUSD"]
    feed.running.intake.update(Symbol.objects.all(), prices={"EURUSD": 1.1})
    assert named() == ["EURUSD"]
    assert feed.send("EURUSD", 1.1) is None
    assert named() == []


def test_prometheus_wakes_somebody_for_it() -> None:
    rules = (settings.BASE_DIR / "docker" / "prometheus-rules.yml").read_text()
    assert "expr: max by (symbol) (broker_feed_symbol_refused_seconds) > 0" in rules
    assert "{{ $labels.symbol }}" in rules
