"""The risk scan: which accounts a batch may concern, and one account's figures at one quote."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from market.path import Tick
from trading.engine.risk.accounts import slack_of
from trading.engine.risk.blocks import NOTHING, Block, Terms
from trading.engine.risk.book import RiskBook
from trading.engine.risk.rates import Span


class Reached(IntEnum):
    """Why the service is asked to check an account's margin."""

    CALL = 1
    RECOVERY = 2
    STOP_OUT = 3


@dataclass(slots=True)
class Exact:
    """One account's figures at the newest processed quotes, in its currency.

    `base` is what counts against the margin, `profits` are by order; `is_priced` when all
    prices and rates are there.
    """

    balance: float
    credit: float
    costs: float
    margin: float
    base: float
    equity: float
    profits: dict[int, float]
    known: bool


class Look:
    """The prices of the market as the engine processes them, applied to one risk book."""

    def __init__(self, book: RiskBook) -> None:
        self.book = book
        self._ranging: set[str] = set()  # symbols whose last batch was more than one price
        self._users: dict[str, set[int]] = {}  # symbol → blocks that it prices or converts
        self._legs: list[set[str]] = []  # block number → the symbols that price or convert it

    def begin(self, symbol: str, bid: float, ask: float) -> None:
        """Set a price from before the quotes that are about to be processed."""
        for rates in (self.book.wide, self.book.now):
            rates.set(symbol, Span.point(bid, ask))

    def walk(self, tick: Tick) -> None:
        """Take over the next quote of the tick log."""
        self.book.now.set(tick.symbol, Span.point(tick.bid, tick.ask))

    def over(self, ticks: Iterable[Tick]) -> list[int]:
        """Value a batch at its worst prices; return the indexes of accounts that it may concern.

        Each symbol's range begins with the previous quote, as the symbols moved one after the
        other.
        """
        book = self.book
        book.refresh()
        spans = {s: book.now.spans[s] for s in self._ranging if s in book.now.spans}
        self._ranging.clear()
        for tick in ticks:
            before = spans.get(tick.symbol) or book.now.spans.get(tick.symbol)
            price = tick.bid, tick.ask
            spans[tick.symbol] = before.reaching(*price) if before else Span.point(*price)
        opened = [book.wide.set(symbol, span) for symbol, span in spans.items()]
        self._ranging = {symbol for symbol, span in spans.items() if not span.is_point}
        numbers = self._moved(spans, everything=any(opened))
        return self._revalue(numbers)

    def anew(self) -> list[int]:
        """Value everything at the newest processed quotes; return the accounts concerned."""
        self.book.refresh()
        for symbol, span in self.book.now.spans.items():
            self.book.wide.set(symbol, span)
        self._ranging.clear()
        return self._revalue(self._moved((), everything=True))

    def _moved(self, symbols: Iterable[str], *, everything: bool) -> list[int]:
        """Return the numbers of the blocks that these symbols price or convert."""
        if everything:
            self._legs.clear()
            self._users.clear()
        for number in range(len(self._legs), len(self.book.blocks)):
            self._legs.append(self._legs_of(self.book.blocks[number]))
            for symbol in self._legs[number]:
                self._users.setdefault(symbol, set()).add(number)
        if everything:
            return list(range(len(self.book.blocks)))
        return sorted(set().union(*(self._users.get(symbol, ()) for symbol in symbols)))

    def _legs_of(self, block: Block) -> set[str]:
        steps = (self.book.wide.path(*pair) or () for pair in self.book.currencies(block))
        return {block.kind.symbol, *(step.symbol for path in steps for step in path)}

    def _revalue(self, numbers: list[int]) -> list[int]:
        book, accounts = self.book, self.book.accounts
        blocks = [block for block in map(book.blocks.__getitem__, numbers) if block.size]
        for block in blocks:
            block.revalue(block.terms(book.wide), accounts.data["profit"])
        for key in {(block.kind.symbol, block.kind.currency) for block in blocks}:
            if key in book.holdings:
                book.holdings[key].revalue(book.wide, accounts.data["margin"])
        places: NDArray[np.intp] | slice = slice(0, accounts.size)
        if sum(block.size for block in blocks) < accounts.size:
            parts = [block.used("account") for block in blocks]
            places = np.concatenate(parts) if parts else np.empty(0, np.intp)
        return [int(place) for place in accounts.suspects(places)]

    def legs(self, place: int) -> set[str]:
        """Return the symbols whose quotes move the account."""
        self._moved((), everything=False)
        return set().union(*(self._legs[number] for number, _ in self.book.of(place)))

    def exact(self, place: int) -> Exact:
        """Return the account's figures at the newest processed quotes."""
        book = self.book
        book.refresh()
        row = book.accounts.rows[place]
        terms: dict[int, Terms] = {}
        profits: dict[int, float] = {}
        costs = 0.0
        for number, at in book.of(place):
            block = book.blocks[number]
            if number not in terms:
                terms[number] = block.terms(book.now)
            profits[int(block.data["order"][at])] = block.profit(at, terms[number])
            costs += float(block.data["costs"][at])
        margin, floating = book.margin(place), sum(profits.values()) + costs
        own, figures = row.balance + row.credit, book.accounts.data
        least = float(figures["counted_least"][place])
        most = float(figures["counted_most"][place])
        base = own + min(max(floating, least), most)
        known = NOTHING not in terms.values()
        return Exact(row.balance, row.credit, costs, margin, base, own + floating, profits, known)

    def reached(self, place: int) -> Reached | None:
        """Return what the account's figures demand now; rounding slack counts towards a check."""
        seen, figures = self.exact(place), self.book.accounts.data
        if not (seen.known and seen.profits):
            return None
        slack = slack_of(abs(seen.base) + abs(seen.equity) + seen.margin)
        if not seen.margin:
            called = bool(figures["called"][place])
            stopped = seen.equity <= slack
            return Reached.STOP_OUT if stopped else Reached.RECOVERY if called else None
        stop = figures["stop_factor"][place] * seen.margin + figures["stop_money"][place]
        call = figures["call_factor"][place] * seen.margin + figures["call_money"][place]
        if seen.base <= stop + slack and not self._left_hedged(place, seen.equity > slack):
            return Reached.STOP_OUT
        if not figures["called"][place]:
            return Reached.CALL if seen.base <= max(stop, call) + slack else None
        return Reached.RECOVERY if seen.base >= call - slack and seen.base > stop - slack else None

    def _left_hedged(self, place: int, solvent: bool) -> bool:
        """Return whether the group leaves the account alone: fully hedged, with positive equity."""
        if not (solvent and self.book.accounts.groups[place].stopout_skip_hedged):
            return False
        net: dict[str, float] = defaultdict(float)
        for number, row in self.book.of(place):
            block = self.book.blocks[number]
            net[block.kind.symbol] += block.kind.direction * block.data["volume"].item(row)
        return not any(net.values())
