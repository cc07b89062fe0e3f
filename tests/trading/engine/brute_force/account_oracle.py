"""The brute force of whole accounts: each one beside every single quote, in cents and points.

Written from the domain rules (sections 1, 2 and 6) alone; nothing of the platform is imported here.
Accounts are in dollars with a leverage of 100, symbols are pairs in dollars with five digits and a
lot of 100,000: a point of a minimal lot is a cent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from tests.trading.engine.brute_force.account_types import Shift
from tests.trading.engine.brute_force.trigger_oracle import (
    BUY,
    BUYING,
    FillRules,
    FinalState,
    OracleOrder,
    OracleQuote,
    OrderEvent,
    PlannedRequest,
    SymbolTerms,
    latest_quote,
)

DOLLAR_PAIR = SymbolTerms(5, 1000)
STOP_OUT = 4  # activation
RECOVERY = 5  # points of percent above the margin call at which it ends
Happening = Literal["call", "recovery", "stop-out", "protection"]
StopOutOrder = Literal["largest_loss", "most_margin"]
HedgeMargin = Literal["larger_leg", "zero", "sum"]


class AccountTerms(NamedTuple):
    """What a group says, and the first deposit in cents; `call` and `stop` are in percent.

    `shift` is how it sees the prices of all symbols.
    """

    house: FillRules
    stopout_order: StopOutOrder
    hedge_margin: HedgeMargin
    call: int
    stop: int
    deposit: int
    shift: Shift = Shift()


class Place(NamedTuple):
    """How far the engine was with an account: it had done `quotes` of the raw quotes.

    With `hits` also what the next one reached, but not its margin check.
    """

    quotes: int
    hits: bool = False


class MarginEvent(NamedTuple):
    """What the margin rules did: at which quote a call or stop-out, or which amount in cents."""

    what: Happening
    quote: int = -1
    key: int = -1
    cents: int = 0


@dataclass(slots=True)
class AccountResult:
    """All that must have become of an account."""

    events: dict[int, list[OrderEvent]] = field(default_factory=dict)
    standing: dict[int, FinalState] = field(default_factory=dict)
    margin: list[MarginEvent] = field(default_factory=list)
    accepted: list[bool] = field(default_factory=list)
    balance: int = 0
    called: bool = False
    stop_outs: int = 0  # checks that closed something: each is one notice


class OracleAccount:
    """One account along all quotes."""

    def __init__(self, terms: AccountTerms, quotes: dict[str, list[OracleQuote]]) -> None:
        self.terms, self.quotes = terms, quotes
        self.orders: dict[int, OracleOrder] = {}
        self.symbols: dict[int, str] = {}
        self.rates: dict[int, int] = {}  # at which each margin is converted, in points
        self.counted: dict[int, int] = {}  # events of each order that are in the balance
        self.seen = -1  # the quote of the last change: older ones do not judge the account
        self.found = AccountResult(balance=terms.deposit)

    def play(
        self, requests: Sequence[tuple[Place, PlannedRequest]], feed: Sequence[str]
    ) -> AccountResult:
        """Evaluate every quote, with each request at its place; `feed` has the quotes' symbols."""
        following = {name: iter(of) for name, of in self.quotes.items()}
        left = list(requests)
        for symbol in feed:
            quote = next(following[symbol])
            self._serve(left, Place(quote.number))
            self._find_hits(symbol, quote)
            self._serve(left, Place(quote.number, hits=True))
            self._check_margin(symbol, quote)
        self._serve(left, Place(len(feed)))
        for key, order in self.orders.items():
            self.found.events[key], self.found.standing[key] = order.events, order.final_state()
        return self.found

    def _serve(self, left: list[tuple[Place, PlannedRequest]], place: Place) -> None:
        while left and left[0][0] <= place:
            op = left.pop(0)[1]
            self.found.accepted.append(self._open(op) if op.act == "open" else self._apply(op))

    def _open(self, op: PlannedRequest) -> bool:
        order = OracleOrder(op, self.quotes[op.symbol], DOLLAR_PAIR, self.terms.shift.see)
        self.symbols[op.key] = op.symbol
        if order.is_position:
            self._set_rate(op.key, order, op.at)
            if self._free_margin_with(op.key, order, op.at) < 0:
                return False
        self.orders[op.key] = order
        self._settle(op.key, op.at)
        return True

    def _apply(self, op: PlannedRequest) -> bool:
        done = op.key in self.orders and self.orders[op.key].apply_request(op)
        if done:
            self._settle(op.key, op.at)
        return done

    def _find_hits(self, symbol: str, quote: OracleQuote) -> None:
        for key, order in self.orders.items():
            if self.symbols[key] != symbol:
                continue
            before = order.state, len(order.events)
            order.scan_until(quote.number + 1)
            if (order.state, len(order.events)) != before:
                self._settle(key, quote.number + 1)

    def _settle(self, key: int, at: int) -> None:
        """Take over what has happened to an order; `at` quotes are known then."""
        order, counted = self.orders[key], self.counted.get(key, 0)
        for event in order.events[counted:]:
            self.seen = max(self.seen, event.quote, *self._newest_quotes(at))
            self.found.balance += event.cents
            if event.what == "activate":
                self._set_rate(key, order, event.quote + 1)
                assert self._free_margin_with(key, order, at) >= 0, "the plan lacks money"
        closed = any(event.what == "close" for event in order.events[counted:])
        self.counted[key] = len(order.events)
        self._end_call(at)
        if closed and self.found.balance < 0 and not self._positions():
            self.found.margin.append(MarginEvent("protection", cents=-self.found.balance))
            self.found.balance = 0

    def _set_rate(self, key: int, order: OracleOrder, at: int) -> None:
        quote = latest_quote(self.quotes[self.symbols[key]], at)
        self.rates[key] = quote.ask if order.cmd in BUYING else quote.bid

    def _check_margin(self, symbol: str, quote: OracleQuote) -> None:
        if quote.number <= self.seen or symbol not in self._held_symbols():
            return
        at, found = quote.number + 1, self.found
        if not found.called and self._is_low(at, self.terms.call):
            found.called, self.seen = True, quote.number
            found.margin.append(MarginEvent("call", quote.number))
        self._end_call(at)
        found.stop_outs += self._must_stop(at)
        while self._must_stop(at):
            self._stop_out(quote)

    def _stop_out(self, quote: OracleQuote) -> None:
        """Close the position that the group's order names, at the quotes up to this one."""
        at = quote.number + 1

        def rank(key: int) -> tuple[Fraction, int]:
            if self.terms.stopout_order == "largest_loss":
                return Fraction(self._floating(key, self.orders[key], at)), key
            return -self._margin_of(key, self.orders[key]), key

        key = min(self._positions(), key=rank)
        order = self.orders[key]
        own = self.terms.shift.see(latest_quote(self.quotes[self.symbols[key]], at))
        order.close(own, own.bid if order.cmd == BUY else own.ask, STOP_OUT)
        order.events[-1] = order.events[-1]._replace(time=max(own.time, quote.time) // 1000)
        self.found.margin.append(MarginEvent("stop-out", quote.number, key))
        self._settle(key, at)
        self.seen = quote.number

    def _end_call(self, at: int) -> None:
        """End a margin call where the level is above it by a margin, or nothing uses margin."""
        if self.found.called and not self._is_low(at, self.terms.call + RECOVERY):
            self.found.called = False
            self.found.margin.append(MarginEvent("recovery"))
            self.seen = max(self.seen, *self._newest_quotes(at))

    def _positions(self) -> list[int]:
        return [key for key, order in self.orders.items() if order.is_position]

    def _held_symbols(self) -> set[str]:
        return {self.symbols[key] for key in self._positions()}

    def _newest_quotes(self, at: int) -> list[int]:
        """Return the newest of `at` quotes of each symbol that the account holds, or -1."""
        return [latest_quote(self.quotes[name], at).number for name in self._held_symbols()] or [-1]

    def _is_low(self, at: int, least: int) -> bool:
        """Return whether the level is below `least` percent, or the stop-out is reached."""
        equity, margin = self._equity(at), self._used_margin(self._held())
        below = equity * 100 < least * margin
        return margin > 0 and (below or equity * 100 <= self.terms.stop * margin)

    def _must_stop(self, at: int) -> bool:
        held = self._held()
        margin = self._used_margin(held)
        return bool(held) and self._equity(at) * 100 <= self.terms.stop * margin

    def _held(self) -> dict[int, OracleOrder]:
        return {key: self.orders[key] for key in self._positions()}

    def _equity(self, at: int) -> int:
        held = self._held().items()
        return self.found.balance + sum(self._floating(key, order, at) for key, order in held)

    def _free_margin_with(self, key: int, order: OracleOrder, at: int) -> Fraction:
        """Return the free margin with a new position, whose gain does not count."""
        others = {other: held for other, held in self._held().items() if other != key}
        floating = sum(self._floating(other, held, at) for other, held in others.items())
        own = min(self._floating(key, order, at), 0)
        return self.found.balance + floating + own - self._used_margin({**others, key: order})

    def _floating(self, key: int, order: OracleOrder, at: int) -> int:
        """Return what closing it would earn, in cents."""
        quote = self.terms.shift.see(latest_quote(self.quotes[self.symbols[key]], at))
        points = quote.bid - order.price if order.cmd == BUY else order.price - quote.ask
        return points * order.volume

    def _margin_of(self, key: int, order: OracleOrder) -> Fraction:
        return Fraction(order.volume * self.rates[key], 100)

    def _used_margin(self, held: dict[int, OracleOrder]) -> Fraction:
        return sum((self._margin_of_symbol(legs) for legs in self._legs(held)), Fraction(0))

    def _legs(self, held: dict[int, OracleOrder]) -> Iterator[list[tuple[int, Fraction]]]:
        """Yield of each symbol the volumes and margins of its two legs, the larger one first."""
        for symbol in {self.symbols[key] for key in held}:
            legs = []
            for buying in (True, False):
                leg = [
                    (order.volume, self._margin_of(key, order))
                    for key, order in held.items()
                    if self.symbols[key] == symbol and (order.cmd == BUY) == buying
                ]
                legs.append((sum(v for v, _ in leg), sum((m for _, m in leg), Fraction(0))))
            yield sorted(legs, reverse=True)

    def _margin_of_symbol(self, legs: list[tuple[int, Fraction]]) -> Fraction:
        (large, margin), (small, other) = legs
        match self.terms.hedge_margin:
            case "larger_leg":
                return max(margin, other)
            case "sum":
                return margin + other
        return margin * (large - small) / large
