"""A process knows the newest quotes by their version: none that is asked for is ever older."""

from decimal import Decimal

import pytest
from redis.exceptions import RedisError

from core import redis
from core.clock import now_ms
from core.redis_keys import LAST_FLUSH, QUOTES
from market import catalog
from market.conversion import ConversionSide, Converter
from market.feed.intake import Intake
from market.feed.publisher import Publisher
from market.models import LastQuote, Symbol
from market.quotes import shared_quotes
from market.quotes.quote import LatestQuotes
from market.quotes.shared_quotes import current_shared_quotes
from market.quotes.tick_log import Tick
from tests import factories
from tests.market.feed.feed_helpers import NOON, unsaved_symbol

D = Decimal


def bid_now(name: str = "EURUSD") -> Decimal | None:
    quote = LatestQuotes().get(name)
    return quote.bid if quote else None


def send(publisher: Publisher, bid: float) -> None:
    intake = Intake([unsaved_symbol("EURUSD")])
    intake.accept("EURUSD", bid, 1.2, NOON, NOON)
    flush = publisher.prepare(intake.take_collected(), [], now_ms())
    assert flush is not None
    publisher.send(flush)


def publisher_after(**quotes: Tick) -> Publisher:
    feed = Publisher()
    feed.claim_publishing()
    feed.continue_after(quotes)
    return feed


def test_every_flush_of_the_feed_is_seen_at_the_next_read() -> None:
    feed = publisher_after()
    for bid in (1.1, 1.11, 1.12):
        send(feed, bid)
        assert bid_now() == D(str(bid))


def test_what_a_new_feed_restores_is_seen_at_the_next_read(db: None) -> None:
    factories.quote("EURUSD", 1.1, 1.2)
    assert bid_now() == D("1.1")
    feed = Publisher()
    feed.claim_publishing()
    assert bid_now() == D("1.1")
    feed.continue_after({"EURUSD": Tick("EURUSD", 1.3, 1.4, NOON, NOON, 7)})
    assert bid_now() == D("1.3")


def test_a_feed_that_moves_only_its_place_is_seen_as_well() -> None:
    """A feed of the release before this one knows no version."""
    factories.quote("EURUSD", 1.1, 1.2)
    assert bid_now() == D("1.1")
    pipe = redis.sync_client().pipeline(transaction=True)
    pipe.hset(QUOTES, "EURUSD", "[1.5,1.6,1,1,9]")
    pipe.set(LAST_FLUSH, "other:12")
    pipe.execute()
    assert bid_now() == D("1.5")


def test_an_emptied_redis_that_is_filled_again_has_another_version(db: None) -> None:
    factories.quote("EURUSD", 1.1, 1.2)
    factories.quote("GBPUSD", 1.3, 1.4)
    assert (bid_now(), bid_now("GBPUSD")) == (D("1.1"), D("1.3"))
    redis.sync_client().flushall()
    factories.quote("EURUSD", 1.15, 1.2)
    factories.quote("EURUSD", 1.16, 1.2)
    assert (bid_now(), bid_now("GBPUSD")) == (D("1.16"), None)


def test_quotes_without_any_version_are_read_each_time() -> None:
    for bid in ("1.1", "1.2"):
        redis.sync_client().hset(QUOTES, "EURUSD", f"[{bid},1.3,1,1,9]")
        assert bid_now() == D(bid)


def test_quotes_that_have_not_moved_are_not_sent_again() -> None:
    factories.quote("EURUSD", 1.1, 1.2)
    first = current_shared_quotes()
    assert current_shared_quotes() is first
    factories.quote("EURUSD", 1.1, 1.2)
    assert current_shared_quotes() is not first


def test_without_redis_the_last_quotes_of_the_database_count(
    eurusd: Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bid_now() == D("1.1")
    fields = {"time": 1, "received": 1, "number": 1}
    LastQuote.objects.create(symbol=eurusd, bid=D("1.05"), ask=D("1.06"), **fields)

    def unavailable(*_: object) -> None:
        raise RedisError

    monkeypatch.setattr(shared_quotes._script, "run", unavailable)
    assert bid_now() == D("1.05")
    monkeypatch.undo()
    assert bid_now() == D("1.1")


def rate_now(converter: Converter, *read_before: str) -> tuple[Decimal, LatestQuotes]:
    quotes = LatestQuotes().load(read_before)
    return converter.find_shared_rate("EUR", "USD", ConversionSide.SOLD, quotes).value, quotes


def test_a_rate_is_shared_until_a_quote_moves(eurusd: Symbol) -> None:
    converter = Converter([eurusd])
    first, quotes = rate_now(converter, "EURUSD")
    assert first == D("1.1")
    assert quotes.shared is not None
    assert len(quotes.shared.rates) == 1
    factories.quote("EURUSD", 1.2, 1.3)
    assert rate_now(converter, "EURUSD")[0] == D("1.2")


def test_quotes_of_two_moments_share_no_rate(eurusd: Symbol) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.3, 1.4)
    quotes = LatestQuotes().load(["GBPUSD"])
    factories.quote("EURUSD", 1.2, 1.3)
    converter = Converter([eurusd])
    rate = converter.find_shared_rate("EUR", "USD", ConversionSide.SOLD, quotes)
    assert (rate.value, quotes.shared, current_shared_quotes().rates) == (D("1.2"), None, {})


def test_symbols_stay_the_same_objects_until_a_row_has_changed(
    eurusd: Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "CACHE_SECONDS", 0.0)
    first = catalog.current_catalog()
    assert catalog.current_catalog() is first
    # As another process does it: without the signals that clear this one's cache.
    Symbol.objects.filter(pk="EURUSD").update(quote_timeout=7)
    assert catalog.current_catalog().symbols["EURUSD"].quote_timeout == 7
    Symbol.objects.filter(pk="EURUSD").update(quote_timeout=8)  # in the same transaction
    assert catalog.current_catalog().symbols["EURUSD"].quote_timeout == 8
    heading = eurusd.group
    type(heading).objects.filter(pk=heading.pk).update(sort_index=heading.sort_index + 1)
    changed = catalog.current_catalog()
    assert changed.symbols["EURUSD"].group.sort_index == heading.sort_index + 1
    Symbol.objects.filter(pk="EURUSD").delete()
    assert "EURUSD" not in catalog.current_catalog().symbols
