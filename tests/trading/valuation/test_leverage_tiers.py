"""Leverage tiers: less leverage for a larger leg, and their validation."""

import json
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, User
from market.enums import MarginMode
from market.leverage_tiers import validate_tiers
from market.models import Symbol
from tests.backoffice.fixtures import Browser, browser
from tests.backoffice.forms import submit
from tests.conftest import Signed
from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading.valuation import formulas

__all__ = ["browser"]  # the fixture
URL = "/admin/market/symbol/EURUSD/change/"
TIERS: list[Any] = [[1, 400], [10.5, 100], [None, 10]]


@pytest.mark.parametrize(
    ("volume", "leverage", "margin"),
    [
        (50, 400, "125"),  # 50,000 / 400
        (100, 400, "250"),
        (101, 400, "260"),  # and 1,000 / 100
        (1050, 400, "9750"),  # 250 and 950,000 / 100
        (1150, 400, "19750"),  # and 100,000 / 10
        (100, 200, "500"),  # the account's leverage, where it is less
        (1150, 200, "20000"),
        (1150, 5, "230000"),
    ],
)
def test_each_slice_uses_the_lower_of_tier_and_account_leverage(
    volume: int, leverage: int, margin: str
) -> None:
    eurusd = symbol("EURUSD", leverage_tiers=TIERS)
    assert formulas.tiered_margin(eurusd, volume, D("1.1"), leverage)[0] == D(margin)


def test_without_tiers_the_accounts_leverage_applies() -> None:
    assert formulas.tiered_margin(symbol("EURUSD"), 1150, D("1.1"), 400)[0] == 2875


@pytest.mark.parametrize("mode", [MarginMode.CFD, MarginMode.CFD_INDEX, MarginMode.FUTURES])
def test_tiers_do_not_apply_to_modes_without_leverage(mode: MarginMode) -> None:
    fields: dict[str, Any] = {"margin_mode": mode, "margin_initial": D(100)}
    plain, tiered = symbol(**fields), symbol(leverage_tiers=TIERS, **fields)
    assert formulas.tiered_margin(tiered, 1150, D("1.1"), 400) == formulas.tiered_margin(
        plain, 1150, D("1.1"), 400
    )


def test_tiers_apply_to_a_legs_total_volume() -> None:
    eurusd = symbol("EURUSD", leverage_tiers=TIERS)
    value = make_valuation({}, eurusd, currency="EUR", leverage=400)
    whole = [position(eurusd, 1, 1150, "1.1")]
    pieces = [position(eurusd, 1, volume, "1.1") for volume in (1, 49, 1000, 100)]
    assert value.used_margin(whole) == value.used_margin(pieces) == 19750
    assert value.used_margin(reversed(pieces)) == 19750
    assert sum(map(value.position_margin, pieces)) < 19750  # each on its own is in lower tiers


def test_tiers_apply_to_each_side_and_symbol_separately() -> None:
    eurusd, eurgbp = (symbol(name, leverage_tiers=TIERS) for name in ("EURUSD", "EURGBP"))
    value = make_valuation({}, currency="EUR", leverage=400, hedge_margin="sum")
    held = [position(eurusd, 1, 100, "1"), position(eurusd, -1, 100, "1")]
    assert value.used_margin([*held, position(eurgbp, 1, 100, "1")]) == 3 * 250


def test_an_orders_margin_includes_the_tier_it_reaches(
    signed_in: Signed, bob: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(leverage_tiers=[[1, 100], [None, 20]])
    client = signed_in(bob)
    order = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
    assert client.post("/trade/check", order).json()["margin"] == 1000
    client.post("/trade/open", order)
    assert client.post("/trade/check", order).json()["margin"] == 5000
    assert client.post("/trade/check", {**order, "volume": 200}).json()["error"] == (
        "RET_TRADE_NO_MONEY"
    )
    client.post("/trade/open", order)
    assert client.get("/account/balance").json()["margin"] == 6000


WRONG: list[tuple[Any, str]] = [
    ({"50": 500}, "list of pairs"),
    ([50, 500], "list of pairs"),
    ([[50, 500, 1], [None, 200]], "list of pairs"),
    ([[50, 500]], "no end"),
    ([[50, 500], [100, 200]], "no end"),
    ([[50, 500], [50, 200], [None, 100]], "rise from tier to tier"),
    ([[50, 500], [20, 200], [None, 100]], "rise from tier to tier"),
    ([[0, 500], [None, 200]], "above 0"),
    ([[-1, 500], [None, 200]], "above 0"),
    ([[None, 500], [None, 200]], "must be numbers"),
    ([["50", 500], [None, 200]], "must be numbers"),
    ([[True, 500], [None, 200]], "must be numbers"),
    ([[0.005, 500], [None, 200]], "two decimals"),
    ([[float("inf"), 500], [None, 200]], "two decimals"),
    ([[float("nan"), 500], [None, 200]], "two decimals"),
    ([[1e30, 500], [None, 200]], "at most 10000000"),
    ([[10**40, 500], [None, 200]], "at most 10000000"),
    ([[50, 0], [None, 200]], "whole number"),
    ([[50, 10_001], [None, 200]], "whole number"),
    ([[50, 33.3], [None, 20]], "whole number"),
    ([[50, True], [None, 1]], "whole number"),
    ([[50, 200], [None, 500]], "must not rise"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=str)
def test_an_invalid_list_of_tiers_is_refused(wrong: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        validate_tiers(wrong)


@pytest.mark.parametrize("right", [[], [[None, 30]], [[50, 500], [None, 200]], TIERS])
def test_valid_lists_of_tiers_are_accepted(right: Any) -> None:
    validate_tiers(right)


def test_a_dealer_edits_tiers_in_the_symbols_form(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    number, deep = f"[[{'9' * 5000}, 500], [null, 200]]", "[" * 100_000
    for wrong in ("[[50, 500]]", "{", '"x"', "[[1e30, 500], [null, 200]]", number, deep):
        with pytest.raises(AssertionError, match="leverage_tiers"):
            submit(browser(dan), URL, leverage_tiers=wrong)
    submit(browser(dan), URL, leverage_tiers=json.dumps(TIERS), margin_hedged="50000")
    eurusd.refresh_from_db()
    assert eurusd.leverage_tiers == TIERS
    assert eurusd.margin_hedged == 50_000
    submit(browser(dan), URL, leverage_tiers="[]")
    eurusd.refresh_from_db()
    assert eurusd.leverage_tiers == []
