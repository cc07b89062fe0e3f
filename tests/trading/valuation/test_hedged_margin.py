"""Margin of opposite positions in one symbol, by the group's hedge model."""

from decimal import Decimal as D

import pytest

from accounts.models import Account, Group
from market.models import Symbol
from tests.conftest import Signed
from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading import errors, services
from trading.enums import Cmd, State
from trading.models import Trade
from trading.valuation.hedged_margin import Leg, hedged_margin

# Three lots that tie 300 and one that ties 120: two are uncovered, one is covered.
LARGE, SMALL = Leg(300, D(300)), Leg(100, D(120))
HALF = D("0.5")  # margin_hedged / contract_size
MODELS = {
    "larger_leg": "300",
    "zero": "200",
    "half_each": "310",  # 200 + (100 + 120) / 2
    "contract": "252.5",  # 200 + 420 / 4 · 0.5
    "sum": "420",
}


@pytest.mark.parametrize(("model", "expected"), MODELS.items())
def test_each_hedge_model_has_its_formula(model: str, expected: str) -> None:
    assert hedged_margin(model, LARGE, SMALL, HALF) == D(expected)
    assert hedged_margin(model, SMALL, LARGE, HALF) == D(expected)


@pytest.mark.parametrize(
    ("model", "expected"),
    {"larger_leg": 120, "zero": 0, "half_each": 110, "contract": 55, "sum": 220}.items(),
)
def test_a_fully_covered_pair_uses_each_models_margin(model: str, expected: int) -> None:
    assert hedged_margin(model, Leg(100, D(100)), Leg(100, D(120)), HALF) == expected


@pytest.mark.parametrize("model", MODELS)
def test_one_leg_alone_uses_its_own_margin(model: str) -> None:
    assert hedged_margin(model, LARGE, Leg(), HALF) == 300
    assert hedged_margin(model, Leg(), LARGE, HALF) == 300
    assert hedged_margin(model, Leg(), Leg(), HALF) == 0


def test_the_larger_leg_is_the_one_with_more_margin() -> None:
    assert hedged_margin("larger_leg", Leg(300, D(100)), Leg(100, D(120)), HALF) == 120


def test_the_covered_pair_has_the_volume_weighted_open_price() -> None:
    gold = symbol(
        "XAUUSD", margin_mode=4, contract_size=D(100), margin_hedged=D(25)
    )  # CFD with leverage 100: one lot ties its price
    value = make_valuation({}, gold, hedge_margin="contract")
    held = [
        position(gold, 1, 100, "2000"),
        position(gold, 1, 200, "2030"),
        position(gold, -1, 100, "2100"),
    ]
    # Uncovered: two of three longs at 2,020; covered: one lot at 8,160 / 4 = 2,040 of 25 ounces.
    assert value.used_margin(held) == 2 * D(2020) + D(2040) / 4


@pytest.mark.parametrize(("model", "expected"), MODELS.items())
def test_each_symbol_is_hedged_by_itself(model: str, expected: str) -> None:
    one, other = (
        symbol(name, contract_size=D(10_000), margin_hedged=D(5_000))
        for name in ("EURUSD", "EURJPY")
    )
    value = make_valuation({}, hedge_margin=model)
    legs = [
        position(traded, direction, volume, "1", rate)
        for traded in (one, other)
        for direction, volume, rate in ((1, 300, "1"), (-1, 100, "1.2"))
    ]
    assert value.used_margin(legs) == 2 * D(expected)


AVERAGED = {"larger_leg": "306", "zero": "204", "half_each": "306", "contract": "255", "sum": "408"}


@pytest.mark.parametrize(("model", "expected"), AVERAGED.items())
@pytest.mark.parametrize("own_price", [True, False])
def test_with_all_both_legs_use_the_average_open_price(
    model: str, expected: str, own_price: bool
) -> None:
    """Three lots at 1.00 and one at 1.08: 1.02 on average, and one lot ties 100 at 1."""
    of = symbol(margin_mode=0 if own_price else 4, contract_size=D(10_000), margin_hedged=D(5_000))
    value = make_valuation({}, of, hedge_margin=model, hedge_price="all")
    held = [
        position(of, way, volume, price, price if own_price else "1")
        for way, volume, price in ((1, 300, "1"), (-1, 100, "1.08"))
    ]
    assert value.used_margin(held) == D(expected)


@pytest.mark.parametrize(
    ("name", "margin_mode", "prices", "rates", "average"),
    [
        # Half a point is rounded up, of the price and of a rate that is the symbol's own price.
        ("EURUSD", 4, ("1.00001", "1.00002"), ("1", "1"), "1.00002"),
        ("EURUSD", 0, ("7", "7"), ("1.00001", "1.00002"), "1.00002"),
        # A rate from elsewhere is as exact as it was.
        ("EURGBP", 0, ("7", "7"), ("1.00001", "1.00002"), "1.000015"),
        ("EURGBP", 4, ("1", "1"), ("1.00001", "1.00002"), "1.000015"),
    ],
)
def test_an_average_price_has_the_symbols_digits(
    name: str, margin_mode: int, prices: tuple[str, str], rates: tuple[str, str], average: str
) -> None:
    of = symbol(name, margin_mode=margin_mode, contract_size=D(10_000))
    value = make_valuation({}, of, hedge_price="all")
    held = [
        position(of, way, 100, price, rate)
        for way, price, rate in zip((1, -1), prices, rates, strict=True)
    ]
    assert value.used_margin(held) == 100 * D(average)


def test_an_average_is_taken_of_hedged_symbols_at_the_rates_of_their_opens() -> None:
    of = symbol(margin_mode=4, contract_size=D(10_000))
    one_way = [position(of, 1, 100, "1.00001"), position(of, 1, 100, "1.00002")]
    for price in ("leg", "all"):  # nothing is hedged, nothing is rounded
        assert make_valuation({}, of, hedge_price=price).used_margin(one_way) == D("200.003")
    quoted = {"EURUSD": ("1.00003", "1.00004")}
    held = [position(of, 1, 100, "1"), position(of, -1, 100, "1.2")]
    for price in ("leg", "all"):  # at mid there is one price
        value = make_valuation(quoted, of, hedge_price=price, margin_rate_mode="mid")
        assert value.used_margin(held) == D("100.0035")


def test_each_leg_has_the_leverage_of_its_own_size_at_the_average() -> None:
    of = symbol(margin_mode=4, contract_size=D(10_000), leverage_tiers=[[1, 100], [None, 50]])
    value = make_valuation({}, of, hedge_margin="sum", hedge_price="all")
    held = [position(of, 1, 300, "1"), position(of, -1, 100, "1.08")]
    assert value.used_margin(held) == D("1.02") * (100 + 2 * 200 + 100)


def hedged(account: Account, model: str) -> list[Trade]:
    """One lot EURUSD bought and one sold."""
    Group.objects.update(hedge_margin=model)
    Symbol.objects.update(margin_hedged=50_000)
    return [
        services.open_market(login=account.login, cmd=cmd, symbol="EURUSD", volume=100)
        for cmd in (Cmd.BUY, Cmd.SELL)
    ]


@pytest.mark.parametrize(
    ("model", "shown"),
    {
        "larger_leg": 1100.10,
        "zero": 0,
        "half_each": 1100.05,
        "contract": 550.03,  # half of 1,100.05
        "sum": 2200.10,
    }.items(),
)
def test_account_and_order_check_use_the_groups_hedge_model(
    signed_in: Signed, alice: Account, eurusd: Symbol, model: str, shown: float
) -> None:
    hedged(alice, model)
    client = signed_in(alice)
    figures = client.get("/account/balance").json()
    assert figures["margin"] == shown
    assert (figures["margin_level"] == 0) == (model == "zero")
    order = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
    reply = client.post("/trade/check", order).json()
    client.post("/trade/open", order)
    after = client.get("/account/balance").json()
    assert reply["margin"] == pytest.approx(after["margin"] - shown, abs=0.011)
    assert reply["margin_free_after"] == after["margin_free"]


@pytest.mark.parametrize("model", ["zero", "contract"])
def test_a_close_that_raises_the_margin_is_never_refused(
    signed_in: Signed, alice: Account, eurusd: Symbol, model: str
) -> None:
    hedged(alice, model)
    Account.objects.update(leverage=1)  # one leg alone would tie eleven times the balance
    trade = Trade.objects.positions().order_by("order")[0]
    before = signed_in(alice).get("/account/balance").json()
    closed = services.close_position(login=alice.login, order=trade.order)
    after = signed_in(alice).get("/account/balance").json()
    assert closed.state == State.CLOSED
    assert after["margin"] > before["margin"]
    assert after["margin_free"] < 0
    with pytest.raises(errors.NoMoney):
        services.open_market(login=alice.login, cmd=Cmd.SELL, symbol="EURUSD", volume=100)
