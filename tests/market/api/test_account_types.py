"""The market's routes for accounts whose group has terms of its own: its prices, its rules."""

from typing import Any

import pytest

from accounts.models import Account, User
from market import catalog
from market.enums import MarketReason, Resolution, TradeMode
from market.models import Candle, GroupTerms, Symbol
from tests import factories
from tests.conftest import Signed

DAY = 86_400


@pytest.fixture
def raw(eurusd: Symbol, alice: Account, bob: Account) -> Account:
    """Alice, whose group sees EURUSD at 1.09996/1.10013 and has other rules; Bob has no terms."""
    GroupTerms.objects.create(
        group=alice.group, symbols="EUR*", bid_markup=4, ask_markup=3, comm_base=7, comm_type=1,
        swap_free=True, stops_level=15, lot_min=10, lot_step=10, lot_max=500,
    )  # fmt: skip
    return alice


def change_terms(**fields: Any) -> None:
    """Change all entries; this process sees it at once."""
    GroupTerms.objects.update(**fields)
    catalog.clear_catalog()


def short_row(client: Any) -> dict[str, Any]:
    table = client.get("/market/short/list").json()["assets"]
    return dict(zip(table["structure"], table["rows"][0], strict=True))


def asset_of(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/market").json()["assets"]["EURUSD"]
    return found


def detail_of(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/market/symbol?symbol=EURUSD").json()
    return found


@pytest.mark.parametrize("read", [short_row, asset_of, detail_of])
def test_each_list_has_the_groups_prices_and_rules(
    read: Any, signed_in: Signed, raw: Account, bob: Account, carol: User
) -> None:
    for _ in range(2):  # the second answer comes from what the first one has left in caches
        seen, market = read(signed_in(raw)), read(signed_in(bob))
        assert (seen["bid"], seen["ask"], seen["spread"]) == (1.09996, 1.10013, 17)
        assert (seen["comm_base"], seen["stops_level"], seen["lot_min"]) == (7, 15, 10)
        assert (market["bid"], market["ask"], market["spread"]) == (1.1, 1.1001, 10)
        assert (market["comm_base"], market["stops_level"], market["lot_min"]) == (0, 0, 1)
    staff = signed_in(carol)
    assert read(staff)["bid"] == 1.1
    assert read(staff)["lot_min"] == 1


def test_staff_who_name_a_login_get_what_its_client_sees(
    signed_in: Signed, raw: Account, carol: User
) -> None:
    named = signed_in(carol).get(f"/market?login={raw.login}").json()["assets"]["EURUSD"]
    assert (named["bid"], named["ask"]) == (1.09996, 1.10013)


def test_a_changed_quote_is_seen_with_the_markup(signed_in: Signed, raw: Account) -> None:
    client = signed_in(raw)
    assert short_row(client)["bid"] == 1.09996
    factories.quote("EURUSD", 1.2, 1.2002)
    assert (short_row(client)["bid"], asset_of(client)["ask"]) == (1.19996, 1.20023)


def test_changed_terms_are_seen(signed_in: Signed, raw: Account) -> None:
    client = signed_in(raw)
    assert short_row(client)["bid"] == 1.09996
    change_terms(bid_markup=None, ask_markup=None, spread=4)
    for read in (short_row, asset_of, detail_of):
        assert (read(client)["bid"], read(client)["ask"]) == (1.10003, 1.10007)


def test_a_swap_free_account_is_shown_no_swap(
    signed_in: Signed, raw: Account, bob: Account
) -> None:
    Symbol.objects.update(swap_enable=True, swap_long=-7, swap_short=2)
    catalog.clear_catalog()
    shown = ("swap_enable", "swap_long", "swap_short")
    for client, expected in ((signed_in(raw), [0, 0, 0]), (signed_in(bob), [1, -7, 2])):
        assert [asset_of(client)[name] for name in shown] == expected
        assert short_row(client)["swap_enable"] == expected[0]
        assert detail_of(client)["swap_daily"] == expected[0]


def test_charting_libraries_get_the_groups_quotes(
    signed_in: Signed, raw: Account, eurusd: Symbol
) -> None:
    for time, close in ((0, 1.09), (DAY, 1.1)):
        prices = dict.fromkeys(("open", "high", "low", "close"), close)
        Candle.objects.create(symbol=eurusd, resolution=Resolution.DAY, time=time, **prices)
    [quote] = signed_in(raw).get("/udf/quotes?symbols=EURUSD").json()["d"]
    values = quote["v"]
    assert (values["bid"], values["ask"], values["lp"]) == (1.09996, 1.10013, 1.09996)
    assert values["spread"] == 0.00017
    assert values["ch"] == 0.01  # the market's bid against the market's close


def test_changes_over_time_are_the_markets(
    signed_in: Signed, raw: Account, bob: Account, eurusd: Symbol
) -> None:
    for resolution in (Resolution.HOUR, Resolution.DAY):
        prices = dict.fromkeys(("open", "high", "low", "close"), 1)
        Candle.objects.create(symbol=eurusd, resolution=resolution, time=0, **prices)
    assert short_row(signed_in(raw))["price1d"] == 10
    assert detail_of(signed_in(raw))["performance"] == detail_of(signed_in(bob))["performance"]


def test_a_group_that_may_not_trade_a_symbol_sees_its_market_disabled(
    signed_in: Signed, raw: Account, bob: Account
) -> None:
    change_terms(trade=TradeMode.NO)
    client = signed_in(raw)
    client.post("/market/watch", {"symbol": "EURUSD", "prefix": "web"})
    watched = client.get("/market/watch/list?prefix=web").json()["assets"]["EURUSD"]
    for seen in (asset_of(client), short_row(client), detail_of(client), watched):
        assert (seen["market_state"], seen["market_reason"]) == (0, MarketReason.DISABLED)
    assert asset_of(signed_in(bob))["market_state"] == 1
