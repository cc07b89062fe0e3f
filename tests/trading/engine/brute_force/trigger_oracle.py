"""The brute force: every order beside every single quote, in plain Python and whole points.

Written from the domain rules (section 1) alone; nothing of the platform is imported here.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

BUY, SELL, BUY_LIMIT, SELL_LIMIT, BUY_STOP, SELL_STOP = range(6)
NONE, STOP_LOSS, TAKE_PROFIT, PENDING = range(4)  # activations
LIMITS = (BUY_LIMIT, SELL_LIMIT)
BUYING = (BUY, BUY_LIMIT, BUY_STOP)
JUMP = Fraction(5, 100)  # of the last mid: a lone quote beyond it is not tradable


class RawQuote(NamedTuple):
    """A quote as its source sends it, tradable or not; `time` is the source's, in unix ms."""

    symbol: str
    bid: float
    ask: float
    time: int


class OracleQuote(NamedTuple):
    """A tradable quote in points; `number` is its place among all raw ones."""

    number: int
    bid: int
    ask: int
    time: int


class SymbolTerms(NamedTuple):
    """A symbol: `units` of a minimal lot. An `inverse` one is quoted in units per dollar."""

    digits: int
    units: int
    inverse: bool = False


class FillRules(NamedTuple):
    """A group's rules for fills."""

    slippage: bool
    market: bool  # limits and take profits fill at the better market price


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """What a client requests after `at` raw quotes; prices in points, None: unchanged.

    A close of volume 0 is one of all. `walked` raw quotes had been carried out by then: what later
    ones reached comes after it.
    """

    at: int
    key: int
    act: Literal["open", "protect", "change", "cancel", "close"]
    symbol: str
    cmd: int
    house: FillRules
    volume: int = 0
    price: int | None = None
    sl: int | None = None
    tp: int | None = None
    expiration: int | None = None
    walked: int = 0


class OrderEvent(NamedTuple):
    """A fill or an end: `quote` decided it, `price` in points, `time` in unix seconds."""

    what: Literal["open", "activate", "close"]
    quote: int
    price: int
    time: int
    activation: int = NONE
    volume: int = 0
    cents: int = 0


class FinalState(NamedTuple):
    """An order's end: open (with its cmd), closed, cancelled, or expired at a time."""

    state: Literal["open", "closed", "cancelled", "expired"]
    cmd: int
    volume: int = 0
    price: int = 0
    sl: int = 0
    tp: int = 0
    expiration: int = 0


def tradable_quotes(
    raws: Iterable[RawQuote], terms: dict[str, SymbolTerms]
) -> dict[str, list[OracleQuote]]:
    """Return the quotes of each symbol that count, in the order of receipt."""
    found: dict[str, list[OracleQuote]] = defaultdict(list)
    for number, raw in enumerate(raws):
        digits = terms[raw.symbol].digits
        bid, ask = (int(Decimal(repr(price)).scaleb(digits)) for price in (raw.bid, raw.ask))
        if bid <= 0 or ask <= bid:
            continue
        if found[raw.symbol]:
            last = found[raw.symbol][-1]
            mid = last.bid + last.ask
            if raw.time < last.time or abs(bid + ask - mid) > JUMP * mid:
                continue
        found[raw.symbol].append(OracleQuote(number, bid, ask, raw.time))
    return found


def latest_quote(quotes: Sequence[OracleQuote], at: int) -> OracleQuote:
    """Return the newest of the symbol's quotes among the first `at` raw ones."""
    return quotes[bisect_left(quotes, (at,)) - 1]


def see_market(quote: OracleQuote) -> OracleQuote:
    """Return the quote as an account without a mark-up sees it."""
    return quote


class OracleOrder:
    """One order along the quotes of its symbol; `see` is how its account sees them.

    Money is converted at the market's own.
    """

    def __init__(
        self,
        op: PlannedRequest,
        quotes: Sequence[OracleQuote],
        terms: SymbolTerms,
        see: Callable[[OracleQuote], OracleQuote] = see_market,
    ) -> None:
        self.see = see
        self.quotes, self.terms, self.house = quotes, terms, op.house
        self.cmd, self.volume = op.cmd, op.volume
        self.sl, self.tp, self.expiration = op.sl or 0, op.tp or 0, op.expiration or 0
        quote = latest_quote(quotes, op.at)
        self.seen = self.sl_seen = self.tp_seen = quote.number
        self.next = bisect_left(quotes, (op.at,))
        self.state: Literal["open", "closed", "cancelled", "expired"] = "open"
        self.events: list[OrderEvent] = []
        self.earned = Fraction(0)
        self.price = op.price or 0
        if self.is_position:
            self.price = see(quote).ask if self.cmd == BUY else see(quote).bid
            self.events.append(OrderEvent("open", quote.number, self.price, quote.time // 1000))

    @property
    def is_position(self) -> bool:
        return self.state == "open" and self.cmd in (BUY, SELL)

    @property
    def is_pending(self) -> bool:
        return self.state == "open" and self.cmd not in (BUY, SELL)

    def final_state(self) -> FinalState:
        """Return the state in the end."""
        if self.state == "expired":
            return FinalState("expired", self.cmd, expiration=self.expiration)
        if self.state != "open":
            return FinalState(self.state, self.cmd)
        levels = (self.price, self.sl, self.tp, self.expiration)
        return FinalState("open", self.cmd, self.volume, *levels)

    def scan_until(self, upto: int) -> None:
        """Evaluate the quotes before raw number `upto`."""
        while self.next < len(self.quotes) and self.quotes[self.next].number < upto:
            if self.state != "open":
                return
            quote = self.quotes[self.next]
            self.next += 1
            if self.is_pending:
                self.check_pending(quote)
            else:
                self.check_position(quote)

    def check_pending(self, quote: OracleQuote) -> None:
        """Check the expiry first, then the price."""
        quote = self.see(quote)
        if quote.number <= self.seen:
            return
        if self.expiration and quote.time >= self.expiration * 1000:
            self.state = "expired"
        elif (
            (self.cmd == BUY_LIMIT and quote.ask <= self.price)
            or (self.cmd == SELL_LIMIT and quote.bid >= self.price)
            or (self.cmd == BUY_STOP and quote.ask >= self.price)
            or (self.cmd == SELL_STOP and quote.bid <= self.price)
        ):
            market = quote.ask if self.cmd in BUYING else quote.bid
            if self.cmd not in LIMITS or self.house.market:
                self.price = market
            self.cmd = BUY if self.cmd in BUYING else SELL
            self.expiration = 0
            self.seen = self.sl_seen = self.tp_seen = quote.number
            time = quote.time // 1000
            self.events.append(OrderEvent("activate", quote.number, self.price, time))

    def check_position(self, quote: OracleQuote) -> None:
        """Check the stop loss before the take profit."""
        price = self.see(quote).bid if self.cmd == BUY else self.see(quote).ask
        stop, gain = price <= self.sl, price >= self.tp
        if self.cmd == SELL:
            stop, gain = price >= self.sl, price <= self.tp
        if self.sl and stop and quote.number > self.sl_seen:
            self.close(quote, price if self.house.slippage else self.sl, STOP_LOSS)
        elif self.tp and gain and quote.number > self.tp_seen:
            better = self.house.slippage and self.house.market
            self.close(quote, price if better else self.tp, TAKE_PROFIT)

    def close(
        self, quote: OracleQuote, price: int, activation: int = NONE, volume: int = 0
    ) -> None:
        """Close all or a part; a part is paid what the rounded sum of all parts grows by."""
        volume = volume or self.volume
        points = price - self.price if self.cmd == BUY else self.price - price
        earned = Fraction(points * volume * self.terms.units, 10**self.terms.digits)
        if self.terms.inverse:  # a gain is sold at the ask, a loss bought at the bid
            rate = quote.ask if earned >= 0 else quote.bid
            earned /= Fraction(rate, 10**self.terms.digits)
        paid, self.earned = round_cents(self.earned), self.earned + earned
        profit = round_cents(self.earned) - paid
        self.volume -= volume
        time = quote.time // 1000
        done = OrderEvent("close", quote.number, price, time, activation, volume, profit)
        self.events.append(done)
        if not self.volume:
            self.state = "closed"

    def apply_request(self, op: PlannedRequest) -> bool:
        """Apply a client's request; return whether it is accepted."""
        quote = latest_quote(self.quotes, op.at)
        wanted = self.is_position if op.act in ("protect", "close") else self.is_pending
        if not wanted or (op.act == "close" and op.volume > self.volume):
            return False
        if op.act == "cancel":
            self.state = "cancelled"
        elif op.act == "close":
            price = self.see(quote).bid if self.cmd == BUY else self.see(quote).ask
            self.close(quote, price, volume=op.volume)
        else:
            self.change(op, quote.number)
        return True

    def change(self, op: PlannedRequest, seen: int) -> None:
        """Change a level; a new one ignores all quotes up to now."""
        if op.price not in (None, self.price):
            self.price, self.seen = op.price or 0, seen
        if op.sl not in (None, self.sl):
            self.sl, self.sl_seen = op.sl or 0, seen
        if op.tp not in (None, self.tp):
            self.tp, self.tp_seen = op.tp or 0, seen
        if op.expiration is not None:
            self.expiration = op.expiration


def round_cents(amount: Fraction) -> int:
    """Round half away from zero."""
    whole = int(abs(amount) * 100 + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def count_events(events: Iterable[Iterable[OrderEvent]]) -> Iterator[str]:
    """Count the events by kind, for a summary."""
    names = {STOP_LOSS: "stop loss", TAKE_PROFIT: "take profit", NONE: "close"}
    for of_order in events:
        for event in of_order:
            yield names[event.activation] if event.what == "close" else event.what
