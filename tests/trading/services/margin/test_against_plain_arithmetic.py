"""Random accounts, stopped out by the service and by independent plain arithmetic."""

from contextlib import suppress
from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from random import Random

import pytest

from market.models import GroupTerms
from market.quotes.quote import LatestQuotes, Quote
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    check_margin,
    margin_action_kinds,
    open_orders,
    open_position,
)
from trading.enums import Cmd
from trading.errors import NoMoney
from trading.models import Trade
from trading.services.margin_actions import margin_snapshot
from trading.valuation.positions import load_account_snapshot

CENT = D("0.01")
POINT, SPREAD = D("0.00001"), D("0.0002")
# By seed: the mark-ups of bid and ask in points, and the prices that convert.
MARKUPS = ((0, 0, "market"), (7, 0, "own"), (15, 12, "market"), (2, 5, "own"))
Quoted = dict[str, tuple[D, D]]


class PlainPosition:
    """One position in a dollar pair of 100,000 units a lot, at a leverage of 100.

    Its margin is converted at the pair's own price at the open: the market's, or the group's own.
    """

    def __init__(self, trade: Trade, at_market: "Market | None") -> None:
        self.order, self.symbol = trade.order, trade.symbol_id or ""
        self.way, self.units = trade.direction, D(trade.volume) * 1000
        self.price = self.rate = trade.open_price
        if at_market:
            self.rate -= at_market.ask if self.way > 0 else -at_market.bid

    def result(self, quoted: Quoted) -> D:
        bid, ask = quoted[self.symbol]
        return D(self.way * ((bid if self.way > 0 else ask) - self.price) * self.units)

    @property
    def margin(self) -> D:
        return D(self.units / 100 * self.rate)


def used_margin(positions: list[PlainPosition], price: str) -> D:
    """Return each symbol's larger leg, at its own opens or with `all` at the average of both."""
    total = D(0)
    for symbol in {one.symbol for one in positions}:
        held = [one for one in positions if one.symbol == symbol]
        longs, shorts = ([one for one in held if one.way == way] for way in (1, -1))
        legs = [sum((one.margin for one in leg), D(0)) for leg in (longs, shorts)]
        if price == "all" and longs and shorts:
            units = sum(one.units for one in held)
            average = sum((one.rate * one.units for one in held), D(0)) / units
            average = average.quantize(D("0.00001"), ROUND_HALF_UP)
            legs = [
                sum((one.units for one in leg), D(0)) / 100 * average for leg in (longs, shorts)
            ]
        total += max(legs)
    return total


def stop_out_by_hand(
    order: str, price: str, balance: D, positions: list[PlainPosition], quoted: Quoted
) -> tuple[list[int], D]:
    """Return the orders closed, in sequence, and the balance in the end."""
    left, closed = list(positions), []
    while left:
        equity = balance + sum((one.result(quoted) for one in left), D(0))
        if equity * 2 > used_margin(left, price):
            break
        if order == "largest_loss":
            worst = min(left, key=lambda one: (one.result(quoted), one.order))
        else:
            worst = min(left, key=lambda one: (-one.margin, one.order))
        left.remove(worst)
        closed.append(worst.order)
        balance += worst.result(quoted).quantize(CENT, ROUND_HALF_UP)
    return closed, max(balance, D(0)) if not left else balance


class Market:
    """Three dollar pairs that move at random, and what a group sees of them."""

    def __init__(self, chance: Random, bid: int, ask: int) -> None:
        self.chance = chance
        self.bid, self.ask = bid * POINT, ask * POINT  # marked up by so much
        self.prices = {"EURUSD": D("1.1"), "GBPUSD": D("1.25"), "AUDUSD": D("0.66")}
        for name in self.prices:
            factories.symbol(name)

    def move(self, least: int, most: int) -> Quote:
        """Move all pairs by that many points; return the last one's quote."""
        for name in self.prices:
            self.prices[name] += self.chance.randint(least, most) * POINT
        rows = [(name, float(bid), float(bid + SPREAD)) for name, bid in self.prices.items()]
        return factories.publish(*rows).ticks[-1].to_quote()

    @property
    def quoted(self) -> Quoted:
        return {
            name: (price - self.bid, price + SPREAD + self.ask)
            for name, price in self.prices.items()
        }


@pytest.mark.parametrize("price", ["leg", "all"])
@pytest.mark.parametrize("order", ["largest_loss", "most_margin"])
@pytest.mark.parametrize("seed", range(4))
def test_service_and_plain_arithmetic_close_the_same_positions_for_the_same_money(
    db: None, seed: int, order: str, price: str
) -> None:
    chance = Random(seed)
    bid, ask, converts = MARKUPS[seed]
    market = Market(chance, bid, ask)
    of = factories.group(
        "random", stopout_order=order, hedge_price=price, conversion_prices=converts
    )
    if bid or ask:
        GroupTerms.objects.create(group=of, symbols="*", bid_markup=bid, ask_markup=ask)
    client = factories.client(200100, of, str(chance.randint(1500, 4000)))
    for _ in range(8):
        market.move(-100, 100)
        with suppress(NoMoney):
            side = chance.choice([Cmd.BUY, Cmd.SELL, Cmd.SELL, Cmd.SELL])
            open_position(client, chance.choice([*market.prices]), chance.randint(5, 120), side)
    trades = Trade.objects.positions().filter(account=client)
    positions = [PlainPosition(one, market if converts == "market" else None) for one in trades]
    closed: list[int] = []
    for _ in range(8):  # a trend, so that the end of the sells is near
        quote = market.move(-500, 1500)
        client.refresh_from_db()
        orders, balance = stop_out_by_hand(order, price, client.balance, positions, market.quoted)
        stored = load_account_snapshot(client).positions
        assert margin_snapshot(client, stored, LatestQuotes()).figures.margin == used_margin(
            positions, price
        )
        assert [trade.order for trade in check_margin(client, quote)] == orders
        client.refresh_from_db()
        assert client.balance == balance
        positions = [one for one in positions if one.order not in orders]
        closed += orders
        assert open_orders(client) == sorted(one.order for one in positions)
    assert margin_action_kinds(client).count(Kind.STOP_OUT) == len(closed) > 0
