"""Margin in its five modes, at the opening rate or at mid (domain.md, section 2)."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import LEVERAGED_MODES, PRICED_MODES, MarginMode
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes.quote import FixedQuotes
from tests import factories
from tests.conftest import Signed
from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading import services
from trading.enums import Cmd
from trading.models import Trade
from trading.valuation import formulas
from trading.valuation.account import Valuation

TICKS = {"tick_size": D("0.25"), "tick_value": D("12.50")}


@pytest.mark.parametrize(
    ("mode", "fields", "amount", "currency"),
    [
        (MarginMode.FOREX, {}, "1000", "EUR"),  # 2 · 100,000 / 200
        (MarginMode.CFD, {"contract_size": D(10)}, "30", "USD"),  # 2 · 10 · 1.5
        (MarginMode.CFD_LEVERAGE, {}, "1500", "USD"),  # 2 · 100,000 · 1.5 / 200
        (MarginMode.CFD_INDEX, {"contract_size": D(10), **TICKS}, "1500", "USD"),  # 30 · 50
        (MarginMode.FUTURES, {"margin_initial": D("450.50")}, "901", "EUR"),
    ],
)
def test_each_mode_has_its_formula_and_currency(
    mode: MarginMode, fields: dict[str, Any], amount: str, currency: str
) -> None:
    traded = symbol("EURUSD", margin_mode=mode, **fields)
    assert formulas.tiered_margin(traded, 200, D("1.5"), 200) == (D(amount), currency)
    traded.margin_divider = D("0.0333333")
    assert formulas.tiered_margin(traded, 200, D("1.5"), 200)[0] == D(amount) * D("0.0333333")
    assert formulas.margin_currency(traded) == currency


@pytest.mark.parametrize("mode", MarginMode)
def test_the_table_of_modes_says_what_the_formulas_do(mode: MarginMode) -> None:
    traded = symbol("EURUSD", margin_mode=mode, margin_initial=D(100))

    def margin(price: int, leverage: int) -> D:
        return formulas.margin_by_leverage(traded, 100, D(price), leverage)[0]

    assert (margin(1, 1) != margin(1, 2)) is (mode in LEVERAGED_MODES)
    assert (margin(1, 1) != margin(2, 1)) is (mode in PRICED_MODES)


def test_a_symbol_without_a_known_mode_has_no_margin() -> None:
    with pytest.raises(ValueError, match="EURUSD: no margin mode 9"):
        formulas.tiered_margin(symbol("EURUSD", margin_mode=9), 100, D(1), 100)


@pytest.mark.parametrize(
    ("direction", "price", "rate"), [(1, "1.3002", "1.3002"), (-1, "1.3", "1.3")]
)
def test_a_buy_uses_margin_at_ask_and_a_sell_at_bid(direction: int, price: str, rate: str) -> None:
    value = make_valuation({"GBPUSD": ("1.3", "1.3002")})
    assert value.margin_rate(symbol("GBPUSD"), direction).value == D(rate)
    quote = value.quotes.get("GBPUSD")
    assert quote is not None
    assert quote.opening_price(direction) == D(price)


def test_by_default_margin_uses_the_opening_rate() -> None:
    held = position(symbol("GBPUSD"), 1, 100, "1.25", "1.25")
    value = make_valuation({"GBPUSD": ("1.3", "1.3002")})
    assert value.used_margin([held]) == 1250


def test_at_mid_margin_follows_price_and_rate() -> None:
    gold = symbol("XAUUSD", margin_mode=MarginMode.CFD_LEVERAGE, contract_size=D(100))
    held = position(gold, -1, 100, "1900", "0.9")
    prices = {"XAUUSD": ("2000", "2002"), "EURUSD": ("1.24", "1.26")}
    value = make_valuation(prices, gold, currency="EUR", margin_rate_mode="mid")
    assert value.used_margin([held]) == D(2001) / D("1.25")
    assert make_valuation(prices, gold, currency="EUR").used_margin([held]) == 1710


def test_at_mid_without_a_quote_opening_values_are_shown_and_orders_refused() -> None:
    gold = symbol("XAUUSD", margin_mode=MarginMode.CFD_LEVERAGE, contract_size=D(100))
    held = position(gold, 1, 100, "1900", "0.9")
    for prices in ({}, {"XAUUSD": ("2000", "2002")}):  # no price; a price and no rate
        strict = make_valuation(prices, gold, currency="EUR", margin_rate_mode="mid")
        with pytest.raises(OffQuotes):
            strict.used_margin([held])
        shown = Valuation(strict.account, strict.converter, strict.quotes)
        assert shown.used_margin([held]) == 1710


def test_margin_that_cannot_be_converted_is_unknown_and_never_at_rate_1() -> None:
    value = make_valuation({"GBPUSD": ("1.3", "1.3002")}, currency="EUR")
    with pytest.raises(OffQuotes):
        value.margin_rate(symbol("GBPUSD"), 1)
    value = Valuation(value.account, value.converter, FixedQuotes({}))
    with pytest.raises(OffQuotes):
        value.margin_rate(symbol("EURUSD", margin_currency="GBP"), 1)


@pytest.mark.parametrize("rate_mode", ["open", "mid"])
@pytest.mark.parametrize("mode", MarginMode)
def test_the_order_check_shows_the_margin_of_every_mode(
    signed_in: Signed, bob: Account, eurusd: Symbol, mode: MarginMode, rate_mode: str
) -> None:
    bob.group.margin_rate_mode = rate_mode
    bob.group.save()
    terms = {"margin_initial": 120, "leverage_tiers": [[0.5, 50], [None, 20]], **TICKS}
    factories.symbol(
        "SILVER",
        2,
        quote_currency="USD",
        margin_currency="USD",
        contract_size=10,
        margin_mode=mode,
        margin_divider=D("0.8"),
        **terms,
    )
    factories.quote("SILVER", 30, 30.25)
    client = signed_in(bob)
    order = {"cmd": 1, "volume": 60, "symbol": "SILVER", "sl": 0, "tp": 0}
    reply = client.post("/trade/check", order).json()
    assert reply["error"] is None
    assert reply["margin"] > 0
    client.post("/trade/open", order)
    assert client.get("/account/balance").json()["margin"] == reply["margin"]


def test_the_rate_of_the_open_and_its_chain_are_stored_with_the_deal(bob: Account) -> None:
    for name in ("GBPUSD", "EURUSD"):
        factories.symbol(name)
    factories.publish(("GBPUSD", 1.25, 1.2501), ("EURUSD", 1.1, 1.1001))
    trade = services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="GBPUSD", volume=10)
    rate, chain = trade.fills.get().rates["margin"]
    assert chain == [["GBPUSD", "ask", "1.2501"], ["EURUSD", "bid", "1.1"]]
    assert Trade.objects.get(pk=trade.order).margin_rate == round(D(rate), 12)
