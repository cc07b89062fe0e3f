"""A market with swaps, and nights in March 2026 that end at 22:00 UTC until clocks change."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D

import pytest

from accounts.models import Account
from market.enums import SwapType
from market.models import Symbol
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.models import Rollover, Trade
from trading.rollover.nights import end_of_night
from trading.rollover.run import NightResult, run_rollover

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
NOON = 5 * 3600  # seconds before the moment


def mark_known(night: date) -> None:
    """Mark this night and all before it as known."""
    Rollover.objects.create(night=night, moment=end_of_night(night), finished=1)


def run_night(night: date, after: int = 60) -> list[NightResult]:
    """Run the rollover that many seconds after the night's moment."""
    return run_rollover(at=end_of_night(night) + after)


def publish_at(name: str, bid: float, ask: float, at: int) -> None:
    """Publish a quote of this unix time that has just been received."""
    factories.quote(name, bid, ask, time=at * 1000)


def close_at(trade: Trade, at: int, volume: int | None = None) -> Trade:
    """Close at 1.1000/1.1001, at this unix time."""
    publish_at("EURUSD", 1.1, 1.1001, at)
    return services.close_position(login=trade.account_id, order=trade.order, volume=volume)


Open = Callable[..., Trade]


@pytest.fixture
def eurusd(db: None) -> Symbol:
    """EURUSD with swaps of -7.5 points for longs and 2.5 for shorts, triple on Wednesday."""
    return factories.symbol(
        "EURUSD",
        swap_enable=True,
        swap_type=SwapType.POINTS,
        swap_long=D("-7.5"),
        swap_short=D("2.5"),
    )


@pytest.fixture
def position(eurusd: Symbol) -> Open:
    """Open EURUSD at 1.1000/1.1001, by default at noon of Tuesday."""

    def at(
        account: Account, cmd: Cmd = Cmd.BUY, volume: int = 100, night: date = TUESDAY, at: int = 0
    ) -> Trade:
        publish_at("EURUSD", 1.1, 1.1001, at or end_of_night(night) - NOON)
        return services.open_market(login=account.login, cmd=cmd, symbol="EURUSD", volume=volume)

    return at
