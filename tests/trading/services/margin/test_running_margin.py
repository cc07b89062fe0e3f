"""The margin of an account that is closed position by position, beside working all of it out."""

from decimal import Decimal
from random import Random

import pytest
from django.db import transaction

from accounts.enums import HedgeMargin, HedgePrice, StopOutOrder
from accounts.models import Account
from market.models import GroupTerms
from market.quotes.quote import FixedQuotes, Quote, Quotes
from tests import factories
from tests.trading.services.margin.margin_steps import (
    D,
    margin_action_kinds,
    open_orders,
    open_position,
)
from trading.enums import Cmd
from trading.services.closing import CloseDecision, execute_close
from trading.services.margin_actions import MarginSnapshot, RunningMargin, margin_snapshot
from trading.services.margin_control import decide_margin_levels
from trading.services.stop_out import StopOutQueue, closing_result, must_stop_out
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account
from trading.valuation.positions import Position

pytestmark = pytest.mark.django_db
PRICES = {"EURUSD": D("1.1"), "GBPJPY": D("190"), "USDJPY": D("150")}
HELD = ("EURUSD", "GBPJPY")


class CountedQuotes:
    """Fixed quotes that count how often one was asked for."""

    def __init__(self, quotes: Quotes) -> None:
        self.quotes, self.asked = quotes, 0

    def get(self, symbol: str) -> Quote | None:
        self.asked += 1
        return self.quotes.get(symbol)


def publish_moved(share: Decimal) -> FixedQuotes:
    """Publish all prices times `share`; return the quotes."""
    moved = ((name, round(float(price * share), 5)) for name, price in PRICES.items())
    batch = factories.publish(*((name, price, price + 0.0002) for name, price in moved))
    return FixedQuotes({one.symbol: one.to_quote() for one in batch.ticks})


def open_positions(account: Account, chance: Random, number: int, *sides: Cmd) -> None:
    """Open positions at prices that move."""
    for _ in range(number):
        publish_moved(D(chance.randint(950, 1050)) / 1000)
        open_position(account, chance.choice(HELD), chance.randint(2, 60), chance.choice(sides))


@pytest.fixture
def symbols(db: None) -> None:
    for name in PRICES:
        factories.symbol(name, comm_base=D("3.33"))


def naive_next(snapshot: MarginSnapshot, positions: list[Position]) -> Position:
    """Return the position that the group's order names, by looking at all."""
    if snapshot.account.group.stopout_order == StopOutOrder.LARGEST_LOSS:
        return min(positions, key=lambda one: (closing_result(snapshot, one), one.order))
    return min(positions, key=lambda one: (-snapshot.valuation.position_margin(one), one.order))


def assert_as_worked_out(running: MarginSnapshot, locked: LockedAccount, quotes: Quotes) -> None:
    """Compare a snapshot with one that values all positions."""
    whole = margin_snapshot(locked.account, locked.positions, locked.quotes(quotes))
    assert running.figures == whole.figures
    assert running.quotes.used == whole.quotes.used
    assert running.seen_as_json() == whole.seen_as_json()
    assert must_stop_out(running) == must_stop_out(whole)


def close_some(locked: LockedAccount, chance: Random, position: Position, quotes: Quotes) -> None:
    """Close the position, or half of the times a part of it."""
    trade, _ = locked.trade(position.order)
    lots = trade.volume if chance.random() < 0.5 else max(1, trade.volume // 2)
    quote = locked.quotes(quotes).get(position.instrument.name)
    assert quote is not None
    price = quote.closing_price(trade.direction)
    execute_close(locked, trade, lots, CloseDecision(price, 5, quote), quotes)


@pytest.mark.parametrize("seed", range(6))
def test_each_snapshot_is_as_if_all_positions_were_valued_anew(symbols: None, seed: int) -> None:
    chance = Random(seed)
    of = factories.group(
        "random", hedge_margin=[*HedgeMargin][seed % len(HedgeMargin)],
        hedge_price=[*HedgePrice][seed % 2], margin_rate_mode=["open", "mid"][seed // 2 % 2],
        stopout_order=[*StopOutOrder][seed % len(StopOutOrder)], stopout_skip_hedged=bool(seed % 2),
        margin_stopout=50,
    )  # fmt: skip
    if seed % 3:
        GroupTerms.objects.create(group=of, symbols="*", bid_markup=7, ask_markup=3)
    client = factories.client(200200, of, "30000")
    open_positions(client, chance, 12, Cmd.BUY, Cmd.SELL)
    quotes = publish_moved(D("1.03"))
    with transaction.atomic(), lock_account(client.login) as locked:
        margin = RunningMargin(locked, quotes)
        snapshot = margin.snapshot()
        queue = StopOutQueue(snapshot, locked.positions)
        while locked.positions:
            assert_as_worked_out(snapshot, locked, quotes)
            position = queue.take()
            assert position == naive_next(snapshot, list(locked.positions))
            close_some(locked, chance, position, quotes)
            rest = locked.position(position.order)
            if rest is not None:
                queue.put(rest)
            snapshot = margin.snapshot()
        assert queue.take() is None
        assert_as_worked_out(snapshot, locked, quotes)


@pytest.mark.parametrize("order", StopOutOrder)
def test_the_work_of_a_stop_out_grows_with_the_positions_and_not_with_their_square(
    symbols: None, order: StopOutOrder
) -> None:
    of = factories.group("many", stopout_order=order, margin_stopout=50)
    asked = []
    for number in (5, 20):
        client = factories.client(200200 + number, of, "100000")
        open_positions(client, Random(number), number, Cmd.BUY)
        quotes = CountedQuotes(publish_moved(D("0.1")))
        quote = quotes.quotes.get("EURUSD")
        assert quote is not None
        with transaction.atomic(), lock_account(client.login) as locked:
            closed = decide_margin_levels(locked, quotes=quotes, quote=quote)
        assert len(closed) == margin_action_kinds(client).count("stop_out") == number
        assert not open_orders(client)
        asked.append(quotes.asked)
    assert asked[1] < 4.5 * asked[0]
