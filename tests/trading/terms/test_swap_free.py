"""Nights of groups with terms: their own swaps, none, or a fee after nights of grace."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import SwapType
from market.models import GroupTerms, Symbol
from tests import factories
from tests.trading.rollover.conftest import mark_known, publish_at, run_night
from trading import services
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import SwapCharge, Trade
from trading.rollover.nights import (
    end_of_night,
    is_trading_day,
    latest_opening,
    nights_held,
    nights_to_charge,
)

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _market(db: None) -> None:
    """EURUSD with swaps of -7.5 points for longs and 2.5 for shorts, triple on Wednesday."""
    factories.symbol(
        "EURUSD", swap_enable=True, swap_type=SwapType.POINTS, swap_long=D("-7.5"),
        swap_short=D("2.5"),
    )  # fmt: skip
    mark_known(MONDAY - 3 * DAY)


def open_trade(account: Account, cmd: Cmd = Cmd.BUY, volume: int = 100) -> Trade:
    """Open at noon of Monday."""
    publish_at("EURUSD", 1.1, 1.1001, end_of_night(MONDAY) - 5 * 3600)
    return services.open_market(login=account.login, cmd=cmd, symbol="EURUSD", volume=volume)


def run_week() -> list[list[tuple[int, D]]]:
    """Run the nights of Monday to Friday; return days and amounts of each."""
    found = []
    for night in (MONDAY + number * DAY for number in range(5)):
        publish_at("EURUSD", 1.1, 1.1001, end_of_night(night) - 60)
        run_night(night)
        charges = SwapCharge.objects.filter(night=night).order_by("trade_id")
        found.append([(one.days, one.amount) for one in charges])
    assert list(find_differences()) == []
    return found


@pytest.mark.parametrize(
    ("terms", "a_night", "days"),
    [
        ({"swap_long": D(-10)}, -10, [1, 1, 3, 1, 1]),
        ({"swap_long": D(0)}, 0, [0, 0, 0, 0, 0]),
        ({"swap_type": SwapType.MONEY, "swap_long": D(-2)}, -2, [1, 1, 3, 1, 1]),
        ({"swap_free": True}, 0, [0, 0, 0, 0, 0]),
        ({"swap_free": True, "swap_fee": 4}, -4, [1, 1, 3, 1, 1]),
        ({"swap_free": True, "swap_fee": 4, "swap_grace": 2}, -4, [0, 0, 3, 1, 1]),
        ({"swap_free": True, "swap_fee": 4, "swap_grace": 3}, -4, [0, 0, 2, 1, 1]),
        ({"swap_free": True, "swap_fee": 4, "swap_grace": 5}, -4, [0, 0, 0, 1, 1]),
    ],
)
def test_nights_are_charged_by_the_terms_of_the_group(
    alice: Account, terms: dict[str, Any], a_night: int, days: list[int]
) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="*", **terms)
    plain = factories.client(100009, factories.group("plain"))
    trade, other = open_trade(alice), open_trade(plain)
    for count, found in zip(days, run_week(), strict=True):
        assert found[:-1] == ([(count, D(count * a_night))] if count else [])
        assert found[-1] in ((3, D("-22.5")), (1, D("-7.5")))
    for one, storage in ((trade, sum(days) * a_night), (other, D("-52.5"))):
        one.refresh_from_db()
        assert one.storage == storage


def test_a_group_may_charge_a_symbol_that_has_no_swap(alice: Account) -> None:
    Symbol.objects.update(swap_long=0, swap_short=0)
    GroupTerms.objects.create(group=alice.group, symbols="*", swap_short=D(-1))
    open_trade(alice), open_trade(alice, Cmd.SELL)
    assert run_week()[0] == [(1, D(-1))]


def test_a_fee_is_an_amount_a_lot_with_its_terms_as_evidence(bob: Account) -> None:
    GroupTerms.objects.create(
        group=bob.group, symbols="EUR*", swap_free=True, swap_fee=D("2.5"), swap_grace=1
    )
    trade = open_trade(bob, Cmd.SELL, 31)
    week = run_week()
    assert week == [[], [(1, D("-0.78"))], [(3, D("-2.33"))], [(1, D("-0.78"))], [(1, D("-0.78"))]]
    assert SwapCharge.objects.filter(trade=trade)[0].terms == {
        "type": "fee of a swap-free account", "fee": "2.5", "grace": 1, "volume": 31,
        "currency": "EUR",
    }  # fmt: skip


def test_a_swap_on_the_mid_is_that_of_the_price_that_the_account_sees(alice: Account) -> None:
    GroupTerms.objects.create(
        group=alice.group,
        symbols="*",
        swap_type=SwapType.INTEREST,
        swap_long=D(-36),
        ask_markup=1990,
    )
    open_trade(alice)
    assert run_week()[0] == [(1, D("-111.00"))]  # 0.1 % of 111,000, the mid of 1.1 and 1.12
    terms = SwapCharge.objects.earliest("pk").terms
    assert (D(terms["price"]), terms["quote"][:2], terms["seen"]) == (
        D("1.11"), ["1.1", "1.1001"], ["1.1", "1.12"],
    )  # fmt: skip


@pytest.mark.parametrize("triple", [3, 5, 6])
def test_nights_are_counted_as_one_by_one(triple: int) -> None:
    symbol = Symbol(swap_rollover3days=triple)
    for start in range(8):
        opened = end_of_night(MONDAY + start * DAY)
        counted = 0
        for number in range(start, 40):
            night = MONDAY + number * DAY
            if not is_trading_day(night):
                continue
            counted += nights_to_charge(symbol, night)
            assert nights_held(symbol, opened, night) == counted
            for grace in (0, 1, 2, 7, 9, 23):
                assert (opened <= latest_opening(symbol, night, grace)) == (counted > grace)
