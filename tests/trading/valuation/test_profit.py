"""Profit in every mode, converted by its sign or at mid over up to three symbols."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import MarginMode, ProfitMode
from market.errors import OffQuotes
from tests import factories
from tests.trading.valuation.in_memory import Prices, make_valuation, position, symbol
from trading import services
from trading.enums import Cmd, State
from trading.models import Trade
from trading.valuation import formulas

TICKS: dict[str, Any] = {"tick_size": D("0.25"), "tick_value": D("12.50"), "contract_size": D(1)}


@pytest.mark.parametrize(
    ("fields", "direction", "profit"),
    [
        ({}, 1, "12500"),  # 0.05 · 250,000
        ({}, -1, "-12500"),
        ({"profit_mode": ProfitMode.CFD, "contract_size": D(100)}, 1, "12.5"),
        ({"profit_mode": ProfitMode.FUTURES, **TICKS}, 1, "6.25"),  # 0.05 · 2.5 · 50
        (
            {"profit_mode": ProfitMode.CFD, "margin_mode": MarginMode.CFD_INDEX, **TICKS},
            -1,
            "-6.25",
        ),
        ({"profit_mode": ProfitMode.CFD, **TICKS}, 1, "0.125"),  # a CFD has ticks and no tick value
    ],
)
def test_each_profit_mode_has_its_formula(
    fields: dict[str, Any], direction: int, profit: str
) -> None:
    assert formulas.quote_currency_profit(
        symbol(**fields), direction, D("1.10"), D("1.15"), 250
    ) == D(profit)


CHAIN: Prices = {
    "USDJPY": ("150.00", "150.02"),
    "GBPUSD": ("1.3000", "1.3002"),
    "EURGBP": ("0.8460", "0.8462"),
}
SOLD = 1 / D("150.02") / D("1.3002") / D("0.8462")
BOUGHT = 1 / D("150.00") / D("1.3000") / D("0.8460")
MID = 1 / D("150.01") / D("1.3001") / D("0.8461")


@pytest.mark.parametrize(
    ("conversion", "closed", "rate", "sides"),
    [
        ("by_sign", "151", SOLD, ["ask", "ask", "ask"]),
        ("by_sign", "149", BOUGHT, ["bid", "bid", "bid"]),
        ("mid", "151", MID, ["mid", "mid", "mid"]),
        ("mid", "149", MID, ["mid", "mid", "mid"]),
    ],
)
def test_a_gain_is_sold_and_a_loss_bought_at_every_step_of_a_chain(
    conversion: str, closed: str, rate: D, sides: list[str]
) -> None:
    value = make_valuation(CHAIN, currency="EUR", conversion=conversion)
    result = value.profit(position(symbol("USDJPY"), 1, 100, "150"), D(closed))
    assert result.rate.value == rate
    assert result.amount == (D(closed) - 150) * 100_000 * rate
    assert [step[:2] for step in result.rate.chain] == [
        [name, side] for name, side in zip(("USDJPY", "GBPUSD", "EURGBP"), sides, strict=True)
    ]


def test_the_same_function_converts_margin() -> None:
    value = make_valuation(CHAIN, currency="EUR")
    traded = symbol("JPYUSD")
    assert value.margin_rate(traded, 1).value == BOUGHT
    assert value.margin_rate(traded, -1).value == SOLD
    assert (
        make_valuation(CHAIN, currency="EUR", margin_rate_mode="mid").margin_rate(traded, 1).value
        == MID
    )


def test_a_floating_profit_uses_the_closing_side() -> None:
    value = make_valuation({"EURUSD": ("1.1000", "1.1002")})
    assert value.floating_profit(position(symbol(), 1, 100, "1.1")) == 0
    assert value.floating_profit(position(symbol(), -1, 100, "1.1")) == -20


def test_without_a_conversion_nothing_is_closed_or_posted(alice: Account) -> None:
    factories.symbol("EURCHF", margin_currency="USD")
    factories.quote("EURCHF", 0.95, 0.9501)
    trade = Trade.objects.create(
        account=alice, symbol_id="EURCHF", cmd=Cmd.BUY, volume=10, open_price=D("0.9"), open_time=1
    )
    with pytest.raises(OffQuotes, match="nothing converts CHF to USD"):
        services.close_position(login=alice.login, order=trade.order)
    trade.refresh_from_db()
    alice.refresh_from_db()
    assert (trade.state, alice.balance) == (State.OPEN, 10000)


def test_a_close_stores_the_whole_chain_that_converted_it(bob: Account) -> None:
    for name in CHAIN:
        factories.symbol(name, 3 if name == "USDJPY" else 5)
    factories.publish(*((name, float(bid), float(ask)) for name, (bid, ask) in CHAIN.items()))
    trade = services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="USDJPY", volume=10)
    closed = services.close_position(login=bob.login, order=trade.order)
    chain = closed.fills.get(kind="close").rates["profit"][1]
    assert [[step[0], step[1], D(step[2])] for step in chain] == [
        [name, "bid", D(bid)] for name, (bid, _) in CHAIN.items()
    ]
    assert closed.profit == round(-200 * BOUGHT, 2)
