"""The feed's health by symbol: age, refusals and gaps, on the page of staff."""

from typing import Any

import pytest
from django.test import Client
from redis.exceptions import RedisError

from accounts.models import User
from core import redis
from core.clock import now_ms
from market import catalog
from market.enums import TradeMode
from market.feed.gaps import read_trading_hours
from market.feed.intake import Intake
from market.feed.publisher import Publisher
from market.models import Symbol
from market.schedules import Schedule
from tests import factories
from tests.backoffice.tile_reader import read_tiles
from tests.market.feed.feed_helpers import NOON

PAGE, DATA = "/admin/market/lastquote/health/", "/admin/market/lastquote/health/data"
MINUTE, HOUR = 60_000, 3_600_000
SATURDAY = 1_700_265_600_000  # 2023-11-18 00:00 UTC
TITLES = (
    "symbol", "state", "age", "bid", "ask", "spread", "crossed", "bad", "filtered", "held",
    "late", "old", "rounded", "gaps", "longest",
)  # fmt: skip


def table_lines(client: Client, user: User) -> dict[str, dict[str, Any]]:
    """Return the table's lines by symbol and column name."""
    client.force_login(user)
    rows = read_tiles(client.get(DATA))["health"][1]["rows"]
    read = [[one if isinstance(one, str) else one["text"] for one in row] for row in rows]
    return {row[0]: dict(zip(TITLES, row, strict=True)) for row in read}


def feed(*quotes: tuple[str, float, float, int] | tuple[str, float, float, int, int]) -> None:
    """What a feed makes of quotes: symbol, bid, ask, time in ms, and receipt if it is another."""
    intake = Intake(Symbol.objects.all(), hours=read_trading_hours(Symbol.objects.all()))
    publisher = Publisher()
    publisher.claim_publishing()
    for symbol, bid, ask, at, *received in quotes:
        intake.accept(symbol, bid, ask, at, *received or [at])
    flush = publisher.prepare(intake.take_collected(), [], now_ms())
    assert flush is not None
    publisher.send(flush)
    publisher.send(flush)  # an answer was lost: it counts once all the same


def test_age_spread_and_state_of_a_quoted_symbol(eurusd: Symbol, dan: User, client: Client) -> None:
    row = table_lines(client, dan)["EURUSD"]
    assert (row["state"], row["bid"], row["ask"], row["spread"]) == (
        "open",
        "1.10000",
        "1.10010",
        "10.0",
    )
    assert row["age"].endswith("ms") or row["age"].endswith("s")
    assert row["gaps"] == row["crossed"] == "0"


def test_a_symbol_without_current_quotes_in_an_open_market_is_marked(
    eurusd: Symbol, dan: User, client: Client
) -> None:
    factories.symbol("GBPUSD")
    factories.quote("EURUSD", 1.1, 1.1001, received=now_ms() - 3 * MINUTE)
    found = table_lines(client, dan)
    assert list(found) == ["EURUSD", "GBPUSD"]
    assert (found["EURUSD"]["state"], found["EURUSD"]["age"]) == ("silent", "3 min")
    assert (found["GBPUSD"]["state"], found["GBPUSD"]["bid"]) == ("silent", "–")


def test_symbols_without_quotes_come_first(eurusd: Symbol, dan: User, client: Client) -> None:
    factories.symbol("AUDUSD")
    factories.symbol("ZARUSD")
    factories.quote("AUDUSD", 0.7, 0.7001)
    assert next(iter(table_lines(client, dan))) == "ZARUSD"


def test_a_closed_market_is_not_marked_as_silent(eurusd: Symbol, dan: User, client: Client) -> None:
    Symbol.objects.filter(pk="EURUSD").update(trade=TradeMode.NO)
    factories.quote("EURUSD", 1.1, 1.1001, received=now_ms() - HOUR)
    catalog.clear_catalog()
    assert table_lines(client, dan)["EURUSD"]["state"] == "closed"


def test_refusals_are_counted_by_reason(eurusd: Symbol, dan: User, client: Client) -> None:
    feed(
        ("EURUSD", 1.1, 1.1001, NOON),
        ("EURUSD", 1.2, 1.1, NOON),
        ("EURUSD", 1.2, 1.1, NOON),
        ("EURUSD", 0.0, 1.1, NOON),
        ("EURUSD", 2.0, 2.1, NOON + 1),
        ("EURUSD", 1.1, 1.1001, NOON - 1),
        ("NOTHING", 1.1, 1.1001, NOON),
    )
    feed(
        ("EURUSD", 1.1000004, 1.1001, NOON),
        ("EURUSD", 5.0, 5.1, NOON + HOUR),
        ("EURUSD", 5.0, 5.1, NOON + HOUR),
        ("EURUSD", 1.1, 1.1001, NOON + HOUR, NOON + 2 * HOUR),
    )
    row = table_lines(client, dan)["EURUSD"]
    names = ("crossed", "bad", "filtered", "held", "late", "old", "rounded")
    assert [row[name] for name in names] == ["2", "1", "1", "2", "1", "1", "1"]
    first = read_tiles(client.get(DATA))["health"][0]["figures"]
    assert ["Quotes of unknown symbols", "1"] in first


def test_gaps_are_counted_with_the_longest(eurusd: Symbol, dan: User, client: Client) -> None:
    times = (NOON, NOON + MINUTE, NOON + 2 * MINUTE + 1, NOON + 12 * MINUTE + 1)
    feed(*(("EURUSD", 1.1, 1.1001, at) for at in times))
    row = table_lines(client, dan)["EURUSD"]
    assert (row["gaps"], row["longest"]) == ("2", "10 min")
    feed(("EURUSD", 1.1, 1.1001, NOON), ("EURUSD", 1.1, 1.1001, NOON + 3 * MINUTE))
    row = table_lines(client, dan)["EURUSD"]
    assert (row["gaps"], row["longest"]) == ("3", "10 min")


@pytest.mark.parametrize(("after", "gaps"), [(30_000, "0"), (90_000, "1")])
def test_a_weekend_is_not_counted_as_a_gap(
    after: int, gaps: str, eurusd: Symbol, dan: User, client: Client
) -> None:
    week = Schedule.objects.create(name="Week")  # Sunday and Saturday closed
    Symbol.objects.filter(pk="EURUSD").update(schedule=week)
    monday = SATURDAY + 48 * HOUR
    feed(
        ("EURUSD", 1.1, 1.1001, SATURDAY - 5_000),
        ("EURUSD", 1.1, 1.1001, monday + after),
    )
    assert table_lines(client, dan)["EURUSD"]["gaps"] == gaps


def test_a_symbol_that_does_not_trade_has_no_gaps(
    eurusd: Symbol, dan: User, client: Client
) -> None:
    Symbol.objects.filter(pk="EURUSD").update(trade=TradeMode.NO)
    feed(("EURUSD", 1.1, 1.1001, NOON), ("EURUSD", 1.1, 1.1001, NOON + HOUR))
    assert table_lines(client, dan)["EURUSD"]["gaps"] == "0"


def test_a_feed_that_starts_again_goes_on_counting(eurusd: Symbol) -> None:
    known = {"EURUSD": ("EURUSD", 1.1, 1.1001, NOON, NOON)}
    intake = Intake([eurusd], known, hours=read_trading_hours([eurusd]))
    intake.accept("EURUSD", 1.1, 1.1001, NOON + HOUR, NOON + HOUR)
    assert intake.take_collected().gaps == {"EURUSD": (1, HOUR)}


def test_the_page_needs_the_permission_to_view_quotes(
    eurusd: Symbol, dan: User, client: Client
) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(dan)
    page = client.get(PAGE).content.decode()
    assert f'hx-get="{DATA}"' in page
    assert f'href="{PAGE}"' in page  # of the sidebar
    dan.groups.clear()
    assert client.get(PAGE).status_code == client.get(DATA).status_code == 403


def test_without_redis_the_table_says_so(
    eurusd: Symbol, dan: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise RedisError

    client.force_login(dan)
    with monkeypatch.context() as outage:
        outage.setattr(redis, "sync_client", away)
        answer = client.get(DATA)
    assert read_tiles(answer)["health"][0]["text"] == "Redis does not answer"
