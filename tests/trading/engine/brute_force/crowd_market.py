"""Random crowds: accounts with levels on one grid, quotes that jump, and requests in between."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import get_args

from accounts.models import Group
from core.clock import now_ms
from tests import factories
from tests.factories import D
from tests.trading.engine.brute_force.account_oracle import (
    DOLLAR_PAIR,
    AccountTerms,
    HedgeMargin,
    StopOutOrder,
)
from tests.trading.engine.brute_force.account_types import OF_ACCOUNT, Shift
from tests.trading.engine.brute_force.plan_player import DAY
from tests.trading.engine.brute_force.random_plans import HOUSES
from tests.trading.engine.brute_force.stored_types import FIRST, store_shifts
from tests.trading.engine.brute_force.trigger_oracle import (
    BUY,
    BUY_LIMIT,
    BUY_STOP,
    SELL,
    FillRules,
    OracleQuote,
    PlannedRequest,
)

START = {"EURUSD": 110_000, "GBPUSD": 125_000}  # points
TERMS = dict.fromkeys(START, DOLLAR_PAIR)
SPREAD, GRID, REACH = 12, 100, 2500  # points; prices stay within REACH of their start
GAP = 1400  # more than the margin of a poor account
JUMPS = (-700, -400, -250, -120, -30, 30, 120, 250, 400, 700)
RICH, LONG, HEDGED, WAITING = range(4)  # kinds of accounts; the last one has but a pending order
SHIFTS = (Shift(), Shift(3, 9), Shift(spread=25), Shift(spread=4))  # of the groups
ORDERS: tuple[StopOutOrder, ...] = get_args(StopOutOrder)
HEDGES: tuple[HedgeMargin, ...] = get_args(HedgeMargin)


class CrowdMarket:
    """The quotes of a play; those that were published have their sequence numbers."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.begin = chance, now_ms()
        self.bids = dict(START)
        self.feed: list[str] = []  # the symbol of each quote
        self.quotes: dict[str, list[OracleQuote]] = {name: [] for name in START}
        self.numbers: dict[int, int] = {}  # sequence number → number of the quote
        for name in START:
            factories.symbol(name, quote_timeout=DAY)
        self.publish([*START])

    @property
    def sent(self) -> int:
        return len(self.feed)

    def jump(self) -> None:
        """Publish a batch of one to four quotes; most of them go one way, far."""
        names = [self.chance.choice([*START]) for _ in range(self.chance.randint(1, 4))]
        self.publish(names, self.chance.choice((1, -1)))

    def crash(self) -> None:
        """Publish a batch in which a symbol falls, or rises if it is low, by two gaps."""
        name = self.chance.choice([*START])
        way = -1 if self.bids[name] > START[name] - REACH // 2 else 1
        self.publish([name] * 2, way * GAP)

    def publish(self, names: list[str], way: int = 0) -> None:
        """Publish a quote of each of these symbols as one batch.

        `way` is the distance of each, or 1 or -1 for random ones that mostly go there.
        """
        time, rows = self.begin + self.sent, []
        for name in names:
            bid = self.bids[name] + self._move(name, way)
            self.bids[name] = bid
            self.quotes[name].append(OracleQuote(self.sent, bid, bid + SPREAD, time))
            self.feed.append(name)
            rows.append((name, bid / 10**5, (bid + SPREAD) / 10**5))
        batch = factories.publish(*rows, time=time)
        for number, tick in enumerate(batch.ticks, self.sent - len(names)):
            self.numbers[tick.seq_no] = number

    def _move(self, name: str, way: int) -> int:
        if abs(way) != 1:
            return way
        jump = self.chance.choice(JUMPS)
        jump = way * abs(jump) if self.chance.random() < 0.7 else jump
        return jump if abs(self.bids[name] + jump - START[name]) < REACH else -jump


class CrowdPlanner:
    """The accounts, their first orders, and later requests of their owners."""

    def __init__(self, chance: Random, market: CrowdMarket, count: int) -> None:
        self.chance, self.market, self.count = chance, market, count
        self.terms: dict[int, AccountTerms] = {}  # by number of the account
        self.opened: dict[int, list[PlannedRequest]] = {}  # those that were not refused
        self.last_keys: dict[int, int] = {}

    def create_accounts(self) -> Iterator[PlannedRequest]:
        """Create the groups and accounts, and yield the requests for their first orders."""
        groups: dict[AccountTerms, Group] = {}
        for number in range(self.count):
            house = HOUSES[number % len(HOUSES)]
            order, hedge = self.chance.choice(ORDERS), self.chance.choice(HEDGES)
            call, shift = self.chance.choice((80, 100)), self.chance.choice(SHIFTS)
            terms = AccountTerms(house, order, hedge, call, 50, 0, shift)
            if terms not in groups:
                groups[terms] = create_group(terms, f"crowd {len(groups)}")
            first = list(self._first_orders(number, house))
            deposit = self._deposit(number % 4, first)
            factories.client(FIRST + number, groups[terms], str(D(deposit) / 100))
            self.terms[number] = terms._replace(deposit=deposit)
            self.opened[number], self.last_keys[number] = [], first[-1].key
            yield from first

    def take_opened(self, op: PlannedRequest) -> None:
        """Note that an order was accepted."""
        self.opened[op.key // OF_ACCOUNT].append(op)

    def later_request(self, number: int) -> PlannedRequest:
        """Return a request of the account's owner; some come too late and are refused."""
        first, draw, key = self.opened[number], self.chance.random(), self.last_keys[number] + 1
        is_open = number % 4 != WAITING and draw < 0.2 and key % OF_ACCOUNT
        if not first or is_open:
            self.last_keys[number] = key
            house, cmd = HOUSES[number % len(HOUSES)], self.chance.choice((BUY, SELL))
            return self._order(key, house, cmd, 20)
        op = self.chance.choice(first)
        op = replace(op, at=self.market.sent, price=None, expiration=None, volume=0)
        if op.cmd not in (BUY, SELL):
            return replace(op, act="cancel", sl=None, tp=None)
        if draw < 0.4:
            sl, tp = self._levels(op.symbol, op.cmd)
            return replace(op, act="protect", sl=sl, tp=tp)
        volume = next(one.volume for one in first if one.key == op.key) // 2
        part = volume if draw < 0.7 else 0
        return replace(op, act="close", sl=None, tp=None, volume=part)

    def _first_orders(self, number: int, house: FillRules) -> Iterator[PlannedRequest]:
        chance, key, kind = self.chance, number * OF_ACCOUNT, number % 4
        if kind == WAITING:
            yield self._order(key, house, chance.choice((BUY_LIMIT, BUY_STOP)), 100)
            return
        for place in range(chance.randint(3, 6)):
            cmd = BUY if kind == LONG or place % 2 else SELL
            if kind == RICH:
                cmd = chance.choice((BUY, SELL, BUY_LIMIT, BUY_STOP))
            yield self._order(key + place, house, cmd, 2 * chance.randint(5, 40))

    def _order(self, key: int, house: FillRules, cmd: int, volume: int) -> PlannedRequest:
        name = self.chance.choice([*START])
        op = PlannedRequest(self.market.sent, key, "open", name, cmd, house, volume, sl=0, tp=0)
        kind = key // OF_ACCOUNT % 4
        if cmd in (BUY, SELL):
            sl, tp = self._levels(name, cmd)
            return replace(op, sl=sl, tp=tp) if kind == RICH else op
        ask, away = self.market.bids[name] + SPREAD, GRID * self.chance.randint(1, 4)
        price = on_grid(ask + away if cmd == BUY_STOP else ask - away)
        sl = price - 4 * GRID if kind == RICH else 0
        return replace(op, price=price, sl=sl, tp=price + 2 * GRID)

    def _levels(self, name: str, cmd: int) -> tuple[int, int]:
        """Return stop loss and take profit on the grid, each two to nine steps away."""
        bid, way = self.market.bids[name], 1 if cmd == BUY else -1
        steps = [self.chance.randint(2, 9) * GRID * way for _ in range(2)]
        return on_grid(bid - steps[0]), on_grid(bid + steps[1])

    def _deposit(self, kind: int, first: list[PlannedRequest]) -> int:
        """Return the cents with which the account is rich, or near its stop-out soon."""
        margins = [op.volume * (op.price or START[op.symbol]) // 100 for op in first]
        share = {RICH: 10_000, HEDGED: self.chance.randint(60, 110), WAITING: 112}
        return sum(margins) * share.get(kind, self.chance.randint(103, 125)) // 100


def on_grid(points: int) -> int:
    return round(points / GRID) * GRID


def create_group(terms: AccountTerms, name: str) -> Group:
    """Create a group with these terms."""
    group = factories.group(
        name,
        gap_rule="market" if terms.house.market else "limit",
        allow_sl_tp_slippage=terms.house.slippage,
        stopout_order=terms.stopout_order,
        hedge_margin=terms.hedge_margin,
        margin_call=terms.call,
        margin_stopout=terms.stop,
        negative_balance_protection=True,
    )
    store_shifts(group, dict.fromkeys(START, terms.shift))
    return group
