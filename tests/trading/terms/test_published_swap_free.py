"""What nights cost on a swap-free account as a broker publishes it.

Source, as read in November 2026: FXGT, "Swap-free account": forex majors 3 USD and precious metals
7 USD a lot and night, after seven days without.
"""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import MarginMode, ProfitMode, SwapType
from market.models import GroupTerms
from tests import factories
from tests.trading.rollover.conftest import mark_known, publish_at, run_night
from trading import services
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.rollover.nights import end_of_night

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)
PRICES = {"EURUSD": (1.1, 1.1001), "XAUUSD": (4200.0, 4200.05)}
NIGHTS = [*range(5), 7, 8, 9]  # of two weeks until the second Wednesday; the first counts three


@pytest.fixture
def swap_free(alice: Account) -> Account:
    swaps: dict[str, Any] = {
        "swap_enable": True, "swap_type": SwapType.POINTS, "swap_long": D("-7.5"),
        "swap_short": D("2.5"),
    }  # fmt: skip
    factories.symbol("EURUSD", **swaps)
    factories.symbol(
        "XAUUSD", 2, **swaps, contract_size=100, margin_currency="USD",
        margin_mode=MarginMode.CFD_LEVERAGE, profit_mode=ProfitMode.CFD,
    )  # fmt: skip
    for symbols, fee in (("XAU*", 7), ("*", 3)):
        GroupTerms.objects.create(
            group=alice.group, symbols=symbols, position=-fee + 7, swap_free=True, swap_fee=fee,
            swap_grace=7,
        )  # fmt: skip
    mark_known(MONDAY - 3 * DAY)
    return alice


def test_seven_nights_are_free_and_each_further_one_costs_the_published_fee(
    swap_free: Account,
) -> None:
    for name, prices in PRICES.items():
        publish_at(name, *prices, end_of_night(MONDAY) - 5 * 3600)
    orders = {
        name: services.open_market(
            login=swap_free.login, cmd=Cmd.BUY, symbol=name, volume=volume
        ).order
        for name, volume in (("EURUSD", 100), ("XAUUSD", 50))
    }
    found = []
    for number in NIGHTS:
        night = MONDAY + number * DAY
        for name, prices in PRICES.items():
            publish_at(name, *prices, end_of_night(night) - 60)
        run_night(night)
        found.append(tuple(Trade.objects.get(pk=order).storage for order in orders.values()))
    free, charged = found[:5], found[5:]
    assert free == [(D(0), D(0))] * 5  # Monday to Friday: the weekend's nights come on Wednesday
    assert charged == [
        (D(-3), D("-3.50")), (D(-6), D("-7.00")), (D(-15), D("-17.50")),
    ]  # fmt: skip
    assert list(find_differences()) == []
