"""Random orders and later requests of their owners, with levels that services accept."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tests.trading.engine.brute_force.account_types import OF_ACCOUNT, farthest, unit_of
from tests.trading.engine.brute_force.trigger_oracle import (
    BUY,
    BUY_STOP,
    BUYING,
    SELL,
    SELL_LIMIT,
    FillRules,
    OracleQuote,
    PlannedRequest,
    latest_quote,
)

HOUSES = [FillRules(slippage, market) for slippage in (True, False) for market in (False, True)]


class Planner:
    """Plans by the quotes so far at each moment, never by later ones."""

    def __init__(self, chance: Random, quotes: dict[str, list[OracleQuote]], count: int) -> None:
        self.chance, self.quotes, self.count = chance, quotes, count
        self.symbols = sorted(quotes)
        self.least = 0.0  # of the reach: no level is nearer
        self.units = {name: unit_of(of) for name, of in quotes.items()}
        self.reach = {name: self._typical_move(of) for name, of in quotes.items()}

    def plan(self, moments: Sequence[int]) -> list[PlannedRequest]:
        """`count` orders at random moments (numbers of published quotes), and later requests."""
        found = [op for key in range(self.count) for op in self._order(key, moments)]
        return sorted(found, key=lambda op: op.at)

    def _order(self, key: int, moments: Sequence[int]) -> Iterator[PlannedRequest]:
        chance = self.chance
        begin = chance.randrange(len(moments))
        symbol, cmd = chance.choice(self.symbols), chance.choice((BUY, SELL, *range(6)))
        house = HOUSES[key // OF_ACCOUNT % len(HOUSES)]
        first = self._open(PlannedRequest(moments[begin], key, "open", symbol, cmd, house))
        yield first
        price = first.price
        for at in sorted(
            chance.sample(range(begin + 1, len(moments)), self._later_count(begin, moments))
        ):
            op = self._request(
                PlannedRequest(moments[at], key, "protect", symbol, cmd, house), first, price
            )
            price = op.price or price
            yield op

    def _later_count(self, begin: int, moments: Sequence[int]) -> int:
        """Return how often the owner comes back."""
        return min(self.chance.choice((0, 0, 0, 1, 2, 3)), len(moments) - begin - 1)

    def _open(self, op: PlannedRequest) -> PlannedRequest:
        quote = latest_quote(self.quotes[op.symbol], op.at)
        volume = 2 * self.chance.randint(1, 20)
        if op.cmd in (BUY, SELL):
            return self._with_levels(op, quote.bid if op.cmd == BUY else quote.ask, volume=volume)
        price = self._price(op, quote)
        seconds = quote.time // 1000 + self.chance.randint(1, self._span(op.symbol))
        expiration = seconds if self.chance.random() < 0.3 else 0
        return self._with_levels(op, price, volume=volume, price=price, expiration=expiration)

    def _request(
        self, op: PlannedRequest, first: PlannedRequest, price: int | None
    ) -> PlannedRequest:
        """Return a later request; some come too late or too early and are refused."""
        chance, quote = self.chance, latest_quote(self.quotes[op.symbol], op.at)
        fate = chance.random()
        if fate < 0.15:
            return replace(op, act="cancel")
        if fate < 0.25:
            return replace(op, act="close")
        if fate < 0.40:
            return replace(op, act="close", volume=chance.randint(1, first.volume // 2))
        if price is None or fate < 0.55:
            side = quote.bid if op.cmd in BUYING else quote.ask
            return self._some_levels(self._with_levels(op, side))
        change = replace(op, act="change")
        if fate < 0.85:
            price = self._price(op, quote)
            return self._with_levels(change, price, price=price)
        if fate < 0.95:
            return self._some_levels(self._with_levels(change, price))
        return replace(change, expiration=quote.time // 1000 + chance.randint(1, 3600))

    def _with_levels(self, op: PlannedRequest, base: int, **fields: Any) -> PlannedRequest:
        """Return the operation with SL and TP around the base, or none."""
        direction = 1 if op.cmd in BUYING else -1
        levels = [
            base + sign * direction * self._distance(op) if self.chance.random() < 0.7 else 0
            for sign in (-1, 1)
        ]
        return replace(op, sl=levels[0], tp=levels[1], **fields)

    def _some_levels(self, op: PlannedRequest) -> PlannedRequest:
        """Return the operation with both levels, or with one of them unchanged."""
        return self.chance.choice((op, replace(op, sl=None), replace(op, tp=None)))

    def _price(self, op: PlannedRequest, quote: OracleQuote) -> int:
        side = quote.ask if op.cmd in BUYING else quote.bid
        above = op.cmd in (SELL_LIMIT, BUY_STOP)
        return side + (1 if above else -1) * self._distance(op)

    def _distance(self, op: PlannedRequest) -> int:
        """Return a distance from the market's price that every account type sees as one."""
        reach, quote = self.reach[op.symbol], latest_quote(self.quotes[op.symbol], op.at)
        return (
            1
            + farthest(quote, self.units[op.symbol])
            + int(self.least * reach + self.chance.expovariate(1 / reach))
        )

    def _typical_move(self, quotes: Sequence[OracleQuote]) -> float:
        """Return a distance in points that the path covers now and then."""
        bids = [quote.bid for quote in quotes]
        return max(2.0, (max(bids) - min(bids)) / 8)

    def _span(self, symbol: str) -> int:
        quotes = self.quotes[symbol]
        return max(1, (quotes[-1].time - quotes[0].time) // 4000)
