"""The market and its watch lists as a client sees them."""

from typing import Any

import pytest

from accounts.models import Account, User
from core.clock import now
from market.api import assets
from market.api.assets import SHORT_COLUMNS
from market.enums import Resolution
from market.models import Candle, Symbol, WatchItem
from tests import factories
from tests.conftest import Signed, error_of

ASSET = {
    "symbol", "description", "currency", "margin_currency", "quote_currency", "group", "digits",
    "trade", "spread", "swap_enable", "swap_type", "swap_long", "swap_short", "swap_rollover3days",
    "margin_divider", "margin_mode", "profit_mode", "exemode", "contract_size", "stops_level",
    "freeze_level", "long_only", "ask", "bid", "point", "tick_value", "tick_size", "market_state",
    "market_reason", "lot_min", "lot_max", "lot_step", "comm_base", "comm_type", "comm_lots",
    "sessions",
}  # fmt: skip


def hourly_closes(symbol: Symbol, *closes: float) -> None:
    """One candle an hour, the last of them running now."""
    hour = now() // 3600 * 3600
    for back, close in enumerate(reversed(closes)):
        time = hour - back * 3600
        prices = dict.fromkeys(("open", "close"), close) | {"high": close + 0.001, "low": 1}
        Candle.objects.create(symbol=symbol, resolution=Resolution.HOUR, time=time, **prices)


def test_the_market_has_every_field_of_the_contract(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    body = signed_in(alice).get("/market").json()
    asset = body["assets"]["EURUSD"]
    assert set(asset) == ASSET
    assert (asset["bid"], asset["ask"], asset["spread"], asset["point"]) == (1.1, 1.1001, 10, 1e-5)
    assert body["groups"] == ["Forex"]


def test_the_short_list_is_a_table_of_36_columns(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    hourly_closes(eurusd, *[1.0] * 27)
    assets = signed_in(alice).get("/market/short/list").json()["assets"]
    assert len(assets["structure"]) == len(SHORT_COLUMNS) == len(assets["rows"][0]) == 36
    assert dict(zip(assets["structure"], assets["rows"][0], strict=True))["price1d"] == 10


def test_a_symbol_is_added_changed_listed_and_removed(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    hourly_closes(eurusd, 1.08, 1.09)
    added = client.post("/market/watch", {"symbol": "eurusd", "prefix": "web"}).json()
    assert added["EURUSD"]["prices"] == [1.08, 1.09]
    change = {"symbol": "EURUSD", "color": "#00ff00", "sort_index": 3}
    assert client.post("/market/watch", change).json() == {"data": "OK"}
    again = client.post("/market/watch", {"symbol": "EURUSD"}).json()
    assert again == added
    row = client.get("/market/watch/list?prefix=web").json()["assets"]["EURUSD"]
    assert (row["color"], row["sort_index"], row["market_state"]) == ("#00ff00", 3, 1)
    assert (row["high"], row["low"]) == (1.091, 1)
    for _ in range(2):
        assert client.delete("/market/watch?symbol=EURUSD").json() == {"data": "OK"}
    assert client.get("/market/watch/list?prefix=web").json() == {"assets": {}}


def test_after_a_weekend_a_watch_list_shows_fridays_candles(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    friday = now() // 3600 * 3600 - 60 * 3600
    gold = factories.symbol("XAUUSD", 2)
    for symbol, count in ((eurusd, 30), (gold, 5)):
        for back in range(count):
            prices = dict.fromkeys(("open", "high", "low", "close"), 1 + back / 100)
            time = friday - back * 3600
            Candle.objects.create(symbol=symbol, resolution=Resolution.HOUR, time=time, **prices)
    client = signed_in(alice)
    for name in ("EURUSD", "XAUUSD"):
        client.post("/market/watch", {"symbol": name})
    rows = client.get("/market/watch/list?prefix=web").json()["assets"]
    assert rows["EURUSD"]["prices"] == [round(1 + back / 100, 2) for back in range(23, -1, -1)]
    assert rows["EURUSD"]["price1d"] == 10  # against Friday's last close
    assert rows["XAUUSD"]["prices"] == [1.04, 1.03, 1.02, 1.01, 1]


def test_candles_of_many_symbols_take_two_queries(
    alice: Account, eurusd: Symbol, django_assert_num_queries: Any
) -> None:
    names = ["EURUSD", *(factories.symbol(f"AAAB{i}").name for i in range(9))]
    with django_assert_num_queries(2):
        assert set(assets.read_recent_candles(names)) == set(names)


def test_a_logins_watch_lists_are_limited(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    WatchItem.objects.bulk_create(
        WatchItem(login=alice.login, prefix=f"p{i}", symbol=eurusd) for i in range(1999)
    )
    client = signed_in(alice)
    assert client.post("/market/watch", {"symbol": "EURUSD"}).status_code == 200
    one_more = client.post("/market/watch", {"symbol": "EURUSD", "prefix": "q"})
    assert error_of(one_more) == (400, "INVALID_DATA")
    assert WatchItem.objects.filter(login=alice.login).count() == 2000
    change = {"symbol": "EURUSD", "prefix": "p1", "color": "#00ff00"}
    assert client.post("/market/watch", change).status_code == 200
    assert signed_in(bob).post("/market/watch", {"symbol": "EURUSD"}).status_code == 200


def test_without_candles_a_watch_list_has_empty_prices(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    added = signed_in(alice).post("/market/watch", {"symbol": "EURUSD"}).json()
    assert added["EURUSD"] == {
        "symbol": "EURUSD", "price1d": 0, "high": 0, "low": 0, "prices": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "body", "error"),
    [
        ("post", {"symbol": "NOPE"}, (404, "RET_SYMBOL_NOT_FOUND")),
        ("put", {"symbol": "EURUSD", "color": "#fff000"}, (404, "MARKET_WATCH_SYMBOL_NOT_FOUND")),
        ("post", {"symbol": "EURUSD", "color": "red"}, (400, "INVALID_DATA")),
        ("post", {"symbol": "EURUSD", "sort_index": 2**31}, (400, "INVALID_DATA")),
        ("post", {"symbol": "EURUSD", "prefix": ""}, (400, "INVALID_DATA")),
        ("post", {}, (400, "INVALID_DATA")),
    ],
)
def test_an_invalid_watch_item_is_refused_and_not_stored(
    signed_in: Signed,
    alice: Account,
    eurusd: Symbol,
    method: str,
    body: dict[str, object],
    error: tuple[int, str],
) -> None:
    assert error_of(getattr(signed_in(alice), method)("/market/watch", body)) == error
    assert not WatchItem.objects.exists()


def test_watch_lists_of_two_logins_are_separate(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    signed_in(alice).post("/market/watch", {"symbol": "EURUSD"})
    assert signed_in(bob).get("/market/watch/list?prefix=web").json() == {"assets": {}}
    signed_in(bob).delete("/market/watch?symbol=EURUSD")
    assert WatchItem.objects.filter(login=alice.login).exists()


def test_staff_read_a_watch_list_by_naming_the_login(
    signed_in: Signed, alice: Account, carol: User, eurusd: Symbol
) -> None:
    signed_in(alice).post("/market/watch", {"symbol": "EURUSD"})
    assert error_of(signed_in(carol).get("/market/watch/list?prefix=web"))[1] == "INVALID_LOGIN"
    path = "/market/watch/list?prefix=web&login=100001"
    assert list(signed_in(carol).get(path).json()["assets"]) == ["EURUSD"]


def test_an_untraded_symbol_is_shown_closed(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(trade=0)
    asset = signed_in(alice).get("/market").json()["assets"]["EURUSD"]
    assert (asset["market_state"], asset["market_reason"]) == (0, 4)


def test_with_redis_empty_the_market_uses_the_stored_quotes(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    from core import redis
    from market.models import LastQuote

    LastQuote.objects.create(symbol=eurusd, bid="1.2", ask="1.3", time=1, received=1, number=1)
    redis.sync_client().delete("quotes")
    assert signed_in(alice).get("/market").json()["assets"]["EURUSD"]["bid"] == 1.2
    factories.quote("EURUSD", 1.4, 1.5)
    assert signed_in(alice).get("/market").json()["assets"]["EURUSD"]["bid"] == 1.4
