"""Quotes around a fill are read from the tick log afterwards: nothing waits and none is lost."""

from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from accounts.models import Account
from core import redis
from core.clock import now_ms
from market.models import Symbol
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.evidence import quotes_around as around
from trading.models import Fill
from trading.tasks import complete_fills


def publish_each(*bids: float, symbol: str = "EURUSD") -> None:
    """Publish each quote in its own batch."""
    for bid in bids:
        factories.quote(symbol, bid, round(bid + 0.0001, 5))


def bids(fill: Fill) -> list[Any]:
    fill.refresh_from_db()
    return [quote[0] for quote in fill.around]


@pytest.fixture
def fill(alice: Account, eurusd: Symbol) -> Fill:
    """The fill of a buy at 1.1001 after eight quotes."""
    publish_each(1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.1)
    services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=10)
    return Fill.objects.get()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the clock of the completion ahead, so that the fills are due."""
    monkeypatch.setattr(around, "now_ms", lambda: now_ms() + around.SEARCH_AHEAD_MS + 5000)


def test_a_request_does_not_wait_for_the_quotes_around(fill: Fill) -> None:
    assert fill.around == []


def test_the_quotes_around_are_those_just_before_and_after_oldest_first(
    fill: Fill, later: None
) -> None:
    publish_each(1.11, 1.12, 1.13, 1.14, 1.15, 1.16)
    publish_each(2.0, symbol="GBPUSD")
    complete_fills()
    assert bids(fill) == [1.03, 1.04, 1.05, 1.06, 1.07, 1.1, 1.11, 1.12, 1.13, 1.14, 1.15]
    own = fill.around[5]
    assert own == fill.quote
    assert [len(quote) for quote in fill.around] == [5] * 11
    numbers = [quote[4] for quote in fill.around]
    assert numbers == sorted(numbers)


def test_a_recent_fill_is_not_completed_before_later_quotes_exist(fill: Fill) -> None:
    publish_each(1.11)
    complete_fills()
    assert bids(fill) == []
    assert [quote[0] for quote in around.quotes_around(fill)][-2:] == [
        1.1,
        1.11,
    ]  # who asks sees them


def test_a_fill_beyond_the_tick_log_keeps_its_own_quote(fill: Fill, later: None) -> None:
    redis.sync_client().flushall()
    complete_fills()
    assert fill.quote in Fill.objects.get().around
    assert bids(fill) == [1.1]


def test_a_fill_is_completed_once(fill: Fill, later: None) -> None:
    complete_fills()
    first = bids(fill)
    publish_each(1.3)
    assert around.add_missing_quotes() == 0
    assert bids(fill) == first


def test_a_rarely_quoted_symbol_shows_the_previous_quote_however_old(
    alice: Account, eurusd: Symbol, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around, "SEARCH_BACK_MS", 0)
    publish_each(1.2)
    services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=10)
    complete_fills()
    before, own = Fill.objects.get().around
    assert before[:3] == [1.1, 1.1001, None]
    assert own[:2] == [1.2, 1.2001]


def test_several_fills_are_completed_in_one_pass_of_the_tick_log(
    fill: Fill, bob: Account, later: None
) -> None:
    factories.symbol("GBPUSD")
    publish_each(1.25, symbol="GBPUSD")
    services.open_market(login=100002, cmd=Cmd.SELL, symbol="GBPUSD", volume=10)
    publish_each(1.31, 1.32)
    services.open_market(login=100002, cmd=Cmd.SELL, symbol="EURUSD", volume=10)
    complete_fills()
    first, second, third = Fill.objects.order_by("id")
    assert bids(first)[-3:] == [1.1, 1.31, 1.32]
    assert bids(second) == [1.25]
    assert bids(third)[-3:] == [1.1, 1.31, 1.32]


def test_more_fills_than_one_pass_takes_are_all_completed(
    fill: Fill, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around, "FILLS_PER_PASS", 2)
    for _ in range(4):
        services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=10)
    assert around.add_missing_quotes() == 5
    assert not Fill.objects.without_quotes().exists()


def test_without_redis_the_fills_own_quote_is_shown(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Redis.from_url("unix:///nowhere/redis.sock")
    monkeypatch.setattr(redis, "sync_client", lambda: away)
    assert around.quotes_around(fill) == [fill.quote]


def test_beat_completes_fills() -> None:
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert complete_fills.name in tasks
