"""Worked examples that brokers published, reproduced by the product's code.

The numbers are those of the pages named at each.
"""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import MarginMode
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading import services
from trading.enums import Activation, Cmd, LevelType
from trading.models import Trade


def near(value: float, tolerance: float = 0.005) -> Any:
    return pytest.approx(value, abs=tolerance)


# O-01: https://help.oanda.com/uk/en/faqs/margin-calculations-uk.htm
# A million EUR/GBP in an account of pounds, margin rate 3.33333 %, all of it at mid.
DECLARED = D("0.0333333")
EURGBP = symbol("EURGBP", margin_mode=MarginMode.CFD, margin_divider=DECLARED)
OANDA = {"currency": "GBP", "balance": "50000", "margin_rate_mode": "mid", "leverage": 1}


def test_o01_margin_is_valued_again_at_mid() -> None:
    value = make_valuation({"EURGBP": ("0.8566", "0.8568")}, EURGBP, **OANDA)  # type: ignore[arg-type]
    held = position(EURGBP, 1, 1000, "0.8568")
    assert float(value.used_margin([held])) == near(28556.64, 0.01)


def test_o01_equity_free_margin_and_closeout_percent() -> None:
    # The page floats profits at mid as well, which is a quote with no spread here.
    value = make_valuation({"EURGBP": ("0.8567", "0.8567")}, EURGBP, **OANDA)  # type: ignore[arg-type]
    figures = value.figures([position(EURGBP, 1, 1000, "0.8568")])
    assert float(figures.profit) == near(-100, 0.01)
    assert float(figures.equity) == near(49900, 0.01)
    assert float(figures.margin_free) == near(21343.36, 0.01)
    assert figures.level is not None
    # Its closeout percent is half of the margin against the equity.
    assert float(50 / (figures.level / 100)) == near(28.61, 0.01)


def test_o01_the_declared_rate_is_stored_as_declared(db: None) -> None:
    stored = factories.symbol("EURGBP", margin_divider=DECLARED)
    stored.refresh_from_db()
    assert stored.margin_divider == DECLARED


# O-04: https://help.ctrader.com/ctrader/trading/fair-stop-out
# 500 USD at 1:500, longs of 150,000 and 100,000 USD/JPY, stop-out at 50 %.
def test_o04_margin_loss_and_figures_after_the_larger_one_is_closed() -> None:
    usdjpy = symbol("USDJPY", digits=3)
    prices = {"USDJPY": ("101.33", "101.34")}
    large, small = (position(usdjpy, 1, volume, "101.432") for volume in (150, 100))
    before = make_valuation(prices, usdjpy, balance="500", leverage=500).figures([large, small])
    assert float(before.margin) == near(500)
    assert before.level_type == LevelType.STOP_OUT
    value = make_valuation(prices, usdjpy, balance="500", leverage=500)
    assert max((large, small), key=value.position_margin) is large
    realized = value.profit(large, D("101.33")).amount
    assert float(realized) == near(-150.96, 0.05)
    balance = str(500 + realized)
    after = make_valuation(prices, usdjpy, balance=balance, leverage=500).figures([small])
    assert float(after.balance) == near(349.04, 0.05)
    assert float(after.margin) == near(200, 0.05)
    assert float(after.equity) == near(248.35, 0.05)
    assert after.level_type == LevelType.OK


# O-06: https://help.afterprime.com/en/trading/how-do-i-calculate-required-margin-for-fx-trades
# O-07: https://tier1fx.com/faq/how-do-i-calculate-margin
# O-10: https://holdingfx.com/en/tradingforex.php
MARGINS: list[Any] = [
    # account, leverage, symbol, prices, margin of one lot
    pytest.param("EUR", 100, "AUDUSD", {"EURAUD": ("1.59106", "1.59116")}, 628.51, id="O-06"),
    pytest.param("EUR", 50, "EURUSD", {}, 2000.00, id="O-07 in base currency"),
    pytest.param("USD", 50, "EURUSD", {"EURUSD": ("1.17490", "1.17500")}, 2350.0, id="O-07 quote"),
    pytest.param("USD", 500, "EURUSD", {"EURUSD": ("1.2554", "1.2556")}, 251.12, id="O-10"),
]


@pytest.mark.parametrize(("currency", "leverage", "name", "prices", "published"), MARGINS)
def test_margin_of_one_lot_bought(
    currency: str, leverage: int, name: str, prices: dict[str, Any], published: float
) -> None:
    value = make_valuation(prices, currency=currency, leverage=leverage)
    traded = symbol(name)
    rate = value.margin_rate(traded, 1).value
    assert float(value.position_margin(position(traded, 1, 100, "1.3", rate))) == near(published)


# O-09: https://www.daks-trading.com/copy-of-forex-majors
# Up to 50 lots 1:500, what is above 1:200, at a rate of 1.28.
@pytest.mark.parametrize(("lots", "published"), [(20, 5120.00), (60, 19200.00)])
def test_o09_leverage_tiers_by_lots(lots: int, published: float) -> None:
    gbpusd = symbol("GBPUSD", leverage_tiers=[[50, 500], [None, 200]])
    value = make_valuation({"GBPUSD": ("1.2799", "1.2800")}, gbpusd, leverage=500)
    rate = value.margin_rate(gbpusd, 1).value
    whole = position(gbpusd, 1, lots * 100, "1.28", rate)
    assert float(value.position_margin(whole)) == near(published)
    pieces = [position(gbpusd, 1, lots * 10, "1.28", rate) for _ in range(10)]
    assert float(value.used_margin(pieces)) == near(published)


# A covered pair at the average of all positions of its symbol, and half of both its legs.
@pytest.mark.parametrize(
    ("mode", "model", "hedged"),
    [
        (MarginMode.FOREX, "half_each", 0),
        (MarginMode.FOREX, "contract", 100_000),
        (MarginMode.CFD_LEVERAGE, "half_each", 0),
        (MarginMode.CFD_LEVERAGE, "contract", 100_000),
    ],
)
def test_a_covered_pair_at_the_average_of_all_positions(
    mode: MarginMode, model: str, hedged: int
) -> None:
    gbpusd = symbol("GBPUSD", margin_mode=mode, margin_hedged=D(hedged))
    value = make_valuation({}, leverage=500, hedge_margin=model, hedge_price="all")
    held = [
        position(gbpusd, way, volume, price, price if mode == MarginMode.FOREX else "1")
        for way, volume, price in ((1, 50, "1.70450"), (1, 140, "1.70610"), (-1, 80, "1.70200"))
    ]
    covered, uncovered = D("272.7344"), D("375.0098")
    assert value.used_margin(held) == covered + uncovered == D("647.7442")
    # Each leg at its own opens, as the setting's default has it.
    own = make_valuation({}, leverage=500, hedge_margin=model).used_margin(held)
    assert float(own) == near({"contract": 647.98, "half_each": 647.86}[model])


# O-12: https://financialcommission.org/2020/01/22/customer-complaint-dated-september-24th-2019/
# One lot of 1,000 barrels, bought at 55.36 with a take profit at 55.38; the market opens at 61.43.
@pytest.mark.parametrize(
    ("rule", "price", "profit", "net"),
    [("limit", "55.38", "20.00", "6.17"), ("market", "61.43", "6070.00", "6056.17")],
)
def test_o12_a_take_profit_over_a_gap(
    alice: Account, rule: str, price: str, profit: str, net: str
) -> None:
    alice.group.gap_rule = rule
    alice.group.save()
    oil = {
        "quote_currency": "USD",
        "margin_currency": "USD",
        "margin_mode": MarginMode.CFD_LEVERAGE,
    }
    factories.symbol("USOIL", 2, contract_size=1000, **oil)
    factories.quote("USOIL", 55.34, 55.36)
    trade = services.open_market(
        login=alice.login, cmd=Cmd.BUY, symbol="USOIL", volume=100, tp=D("55.38")
    )
    Trade.objects.filter(pk=trade.order).update(storage=D("-13.83"))
    quote = factories.quote("USOIL", 61.43, 61.45)
    closed = services.close_by_trigger(
        login=alice.login,
        order=trade.order,
        activation=Activation.TAKE_PROFIT,
        quote=quote,
        quotes=LatestQuotes(),
    )
    assert closed is not None
    assert (closed.close_price, closed.profit) == (D(price), D(profit))
    alice.refresh_from_db()
    assert alice.balance == 10000 + D(net)  # with the swap of -13.83


# O-16: https://anzocapital.com/int/research-tools/forex-calculators/profit-loss
def test_o16_a_sells_loss_is_converted_by_division() -> None:
    traded = symbol("NZDCAD")
    value = make_valuation({"USDCAD": ("1.01883", "1.01893")})
    sold = position(traded, -1, 100, "0.75782")
    result = value.profit(sold, D("0.75798"))
    assert float(result.amount) == near(-15.7, 0.05)
    assert result.rate.chain == [["USDCAD", "bid", "1.01883"]]
    own = make_valuation({}, currency="CAD")
    assert float(own.profit(sold, D("0.75798")).amount) == near(-16, 0.05)


# O-18: https://www.mql5.com/en/forum/2271
# 5 lots GBP/USD at 1:100 tie 7,938.60; at 50 % the stop-out comes below 3,969.30 of equity.
@pytest.mark.parametrize(
    ("balance", "reached"), [("3969.31", LevelType.MARGIN_CALL), ("3969.30", LevelType.STOP_OUT)]
)
def test_o18_the_equity_of_a_stop_out(balance: str, reached: LevelType) -> None:
    gbpusd = symbol("GBPUSD")
    price = "1.58772"
    value = make_valuation(
        {"GBPUSD": (price, price)}, gbpusd, balance=balance, margin_stopout=D(50)
    )
    figures = value.figures([position(gbpusd, 1, 500, price, price)])
    assert float(figures.margin) == near(7938.6)
    assert figures.level_type == reached


# O-19: https://doc.stellux.io/docs/manager/symbol/formula2
# The page says one lot in the second case, but its 50,000 JPY are a tenth of one.
@pytest.mark.parametrize(
    ("name", "volume", "opened", "closed", "prices", "published"),
    [
        ("EURUSD", 100, "1.2000", "1.2050", {}, 500),
        ("EURJPY", 10, "162.500", "167.500", {"JPYUSD": ("0.0065", "0.0066")}, 325),
    ],
)
def test_o19_profit_of_a_long(
    name: str, volume: int, opened: str, closed: str, prices: dict[str, Any], published: float
) -> None:
    held = position(symbol(name), 1, volume, opened)
    assert float(make_valuation(prices).profit(held, D(closed)).amount) == near(published)
