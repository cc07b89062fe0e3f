"""Positions that cannot be closed now are skipped, and closed when possible."""

from decimal import Decimal

import pytest

from accounts.models import Account
from market.enums import TradeMode
from market.models import Symbol
from market.schedules import DAYS, Schedule
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    events_after,
    last_seq,
    margin_action_kinds,
    margin_actions,
    move_price,
    open_orders,
    open_position,
)
from trading.enums import Activation
from trading.models import Trade

LONG_AGO = 1_700_000_000_000  # unix ms


@pytest.fixture
def pair(ann: Account) -> tuple[Trade, Trade]:
    """A lot of EURUSD and 0.80 of GBPUSD: 1,100.00 and 1,000.00 of margin."""
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    return open_position(ann, "EURUSD", 100), open_position(ann, "GBPUSD", 80)


def close_market(name: str, mode: TradeMode = TradeMode.NO) -> None:
    Symbol.objects.filter(pk=name).update(trade=mode)


def test_a_closed_market_is_skipped_although_it_lost_most(
    ann: Account, pair: tuple[Trade, Trade]
) -> None:
    euro, pound = pair
    factories.quote("EURUSD", 1.0905, 1.0905)  # -950
    close_market("EURUSD")
    changed = move_price(ann, "GBPUSD", 1.247)  # -240: 1,010 of 2,100
    assert [trade.order for trade in changed] == [pound.order]
    assert open_orders(ann) == [euro.order]
    action = margin_actions(ann)[1]
    assert action.rules["not_closed"] == {str(euro.order): "the market of EURUSD is closed"}


def test_a_skipped_position_is_closed_at_the_opening(
    ann: Account, pair: tuple[Trade, Trade]
) -> None:
    euro, _ = pair
    close_market("EURUSD")
    move_price(ann, "GBPUSD", 1.235)  # -1,200: 1,000 of 2,100; the pound goes, 1,000 of 1,100 stay
    factories.quote("EURUSD", 1.095, 1.095)  # -500: 500 of 1,100
    before = last_seq(ann)
    assert move_price(ann, "EURUSD", 1.095) == []
    assert events_after(ann, before) == []
    close_market("EURUSD", TradeMode.FULL)
    [closed] = move_price(ann, "EURUSD", 1.0951)
    assert (closed.order, closed.activation) == (euro.order, Activation.STOP_OUT)
    assert closed.profit == -490


def test_a_symbol_without_a_current_quote_is_skipped(
    ann: Account, pair: tuple[Trade, Trade]
) -> None:
    euro, pound = pair
    factories.quote("EURUSD", 1.0905, 1.0905, received=LONG_AGO)
    changed = move_price(ann, "GBPUSD", 1.247)
    assert [trade.order for trade in changed] == [pound.order]
    assert margin_actions(ann)[1].rules["not_closed"] == {
        str(euro.order): "EURUSD has no current quote"
    }


def test_a_quotes_age_is_measured_at_the_checked_quotes_time(
    ann: Account, pair: tuple[Trade, Trade]
) -> None:
    """An outage that is walked afterwards is judged by the quotes of its own time."""
    euro, _ = pair
    Trade.objects.update(seen=0)
    factories.quote("EURUSD", 1.0905, 1.0905, received=LONG_AGO)
    changed = move_price(ann, "GBPUSD", 1.247, received=LONG_AGO + 60_000)
    assert [trade.order for trade in changed] == [euro.order]


def test_a_quote_just_beyond_the_limit_is_too_old(ann: Account, pair: tuple[Trade, Trade]) -> None:
    _, pound = pair
    factories.quote("EURUSD", 1.0905, 1.0905, received=LONG_AGO)
    changed = move_price(ann, "GBPUSD", 1.247, received=LONG_AGO + 60_001)
    assert [trade.order for trade in changed] == [pound.order]


def test_with_all_markets_closed_only_the_margin_call_is_written(
    ann: Account, pair: tuple[Trade, Trade]
) -> None:
    factories.quote("EURUSD", 1.0905, 1.0905)
    close_market("EURUSD")
    close_market("GBPUSD")
    move_price(ann, "GBPUSD", 1.247)
    before = last_seq(ann)
    assert move_price(ann, "GBPUSD", 1.2469) == []
    assert (margin_action_kinds(ann), events_after(ann, before)) == ([Kind.CALL], [])
    assert len(open_orders(ann)) == 2


def test_the_trading_sessions_at_the_quotes_time_decide(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    every_day = dict.fromkeys(DAYS, "08:00-22:00")
    Symbol.objects.update(schedule=Schedule.objects.create(name="Day", **every_day))
    eight = 1_800_000_000 // 86_400 * 86_400 + 8 * 3_600
    assert move_price(ann, "EURUSD", 1.0945, time=eight * 1000 - 1) == []
    assert open_orders(ann) == [trade.order]
    [closed] = move_price(ann, "EURUSD", 1.0945, time=eight * 1000)
    assert (closed.order, closed.close_time) == (trade.order, eight)


def test_nothing_is_closed_at_a_price_from_before_the_opening(
    ann: Account, pair: tuple[Trade, Trade]
) -> None:
    """The market has opened by the quote that is looked at, but the symbol's own is yet to come."""
    euro, pound = pair
    every_day = dict.fromkeys(DAYS, "08:00-22:00")
    schedule = Schedule.objects.create(name="Day", **every_day)
    Symbol.objects.filter(pk="EURUSD").update(schedule=schedule)
    eight = 1_800_000_000 // 86_400 * 86_400_000 + 8 * 3_600_000
    factories.quote("EURUSD", 1.0905, 1.0905, time=eight - 1)
    changed = move_price(ann, "GBPUSD", 1.247, time=eight + 1000)
    assert [trade.order for trade in changed] == [pound.order]
    kept = margin_actions(ann)[1].rules["not_closed"]
    assert kept == {str(euro.order): "EURUSD has no quote of this session"}
    [closed] = move_price(ann, "EURUSD", 1.084, time=eight + 2000)
    assert (closed.order, closed.close_price) == (euro.order, Decimal("1.084"))
