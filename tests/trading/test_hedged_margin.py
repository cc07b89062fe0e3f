"""The margin of opposite positions in one symbol, in each of the group's models."""

from decimal import Decimal as D

import pytest

from accounts.models import Account, Group
from market.models import Symbol
from tests.conftest import Signed
from tests.trading.worth import position, symbol, valuation
from trading import errors, services
from trading.enums import Cmd, State
from trading.hedging import Leg, margin
from trading.models import Trade

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
def test_each_model_has_its_formula(model: str, expected: str) -> None:
    assert margin(model, LARGE, SMALL, HALF) == D(expected)
    assert margin(model, SMALL, LARGE, HALF) == D(expected)


@pytest.mark.parametrize(
    ("model", "expected"),
    {"larger_leg": 120, "zero": 0, "half_each": 110, "contract": 55, "sum": 220}.items(),
)
def test_a_fully_covered_pair(model: str, expected: int) -> None:
    assert margin(model, Leg(100, D(100)), Leg(100, D(120)), HALF) == expected


@pytest.mark.parametrize("model", MODELS)
def test_one_leg_alone_ties_its_own_margin(model: str) -> None:
    assert margin(model, LARGE, Leg(), HALF) == 300
    assert margin(model, Leg(), LARGE, HALF) == 300
    assert margin(model, Leg(), Leg(), HALF) == 0


def test_the_larger_leg_is_the_one_with_more_margin() -> None:
    assert margin("larger_leg", Leg(300, D(100)), Leg(100, D(120)), HALF) == 120


def test_the_covered_pair_has_the_volume_weighted_open_price() -> None:
    gold = symbol(
        "XAUUSD", margin_mode=4, contract_size=D(100), margin_hedged=D(25)
    )  # CFD with leverage 100: one lot ties its price
    value = valuation({}, gold, hedge_margin="contract")
    held = [
        position(gold, 1, 100, "2000"),
        position(gold, 1, 200, "2030"),
        position(gold, -1, 100, "2100"),
    ]
    # Uncovered: two of three longs at 2,020; covered: one lot at 8,160 / 4 = 2,040 of 25 ounces.
    assert value.used_margin(held) == 2 * D(2020) + D(2040) / 4


@pytest.mark.parametrize(("model", "expected"), MODELS.items())
def test_symbols_are_hedged_each_by_itself(model: str, expected: str) -> None:
    one, other = (
        symbol(name, contract_size=D(10_000), margin_hedged=D(5_000))
        for name in ("EURUSD", "EURJPY")
    )
    value = valuation({}, hedge_margin=model)
    legs = [
        position(traded, direction, volume, "1", rate)
        for traded in (one, other)
        for direction, volume, rate in ((1, 300, "1"), (-1, 100, "1.2"))
    ]
    assert value.used_margin(legs) == 2 * D(expected)


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
def test_the_account_shows_and_the_check_foretells_the_model(
    signed_in: Signed, alice: Account, eurusd: Symbol, model: str, shown: float
) -> None:
    hedged(alice, model)
    client = signed_in(alice)
    figures = client.get("/account/balance").json()
    assert figures["margin"] == shown
    assert (figures["margin_level"] == 0) == (model == "zero")
    order = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
    told = client.post("/trade/check", order).json()
    client.post("/trade/open", order)
    after = client.get("/account/balance").json()
    assert told["margin"] == pytest.approx(after["margin"] - shown, abs=0.011)
    assert told["margin_free_after"] == after["margin_free"]


@pytest.mark.parametrize("model", ["zero", "contract"])
def test_a_close_that_raises_the_margin_is_never_refused(
    signed_in: Signed, alice: Account, eurusd: Symbol, model: str
) -> None:
    hedged(alice, model)
    Account.objects.update(leverage=1)  # one leg alone would tie eleven times the balance
    trade = Trade.objects.positions().order_by("order")[0]
    before = signed_in(alice).get("/account/balance").json()
    closed = services.close(login=alice.login, order=trade.order)
    after = signed_in(alice).get("/account/balance").json()
    assert closed.state == State.CLOSED
    assert after["margin"] > before["margin"]
    assert after["margin_free"] < 0
    with pytest.raises(errors.NoMoney):
        services.open_market(login=alice.login, cmd=Cmd.SELL, symbol="EURUSD", volume=100)
