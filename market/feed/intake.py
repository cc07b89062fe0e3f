"""Intake: decides which quotes are tradable and collects them in the order of receipt. No I/O.

Prices are floats, which compare exactly as they were written; times are unix milliseconds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from market.enums import Refusal
from market.feed.candles import CandleBuilder
from market.feed.gaps import Gap, open_between
from market.hours import ALWAYS, Hours
from market.models import Symbol
from market.path import Before
from market.quotes import BATCH_SIZE

BIGGEST = 1e11  # no price is beyond it
FUTURE = 86_400_000  # ms; a quote dated later than that is broken and would bar all that follow
UNKNOWN = "?"  # all unknown symbols are counted under this name

RawTick = tuple[str, float, float, int, int]  # symbol, bid, ask, time, received


@dataclass(slots=True)
class Part:
    """Quotes of one batch of the path, before it has a number."""

    ticks: list[RawTick] = field(default_factory=list)
    before: dict[str, Before] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)  # symbol → index in ticks


@dataclass(slots=True)
class Collected:
    """What has come in since the last flush."""

    parts: list[Part] = field(default_factory=list)
    refused: Counter[tuple[str, Refusal]] = field(default_factory=Counter)
    gaps: dict[str, Gap] = field(default_factory=dict)


class _State:
    """One symbol's rules and what the next quote is compared with."""

    __slots__ = (
        "ask",
        "bid",
        "confirmations",
        "jump",
        "received",
        "strange",
        "strange_mid",
        "time",
        "timeout",
    )

    def __init__(self) -> None:
        self.bid = self.ask = self.strange_mid = 0.0
        self.received = self.strange = 0
        self.time = 0

    def rules(self, symbol: Symbol) -> None:
        """Take over what the broker set for the symbol."""
        self.jump = float(symbol.filter_percent) / 100 or inf
        self.confirmations = symbol.filter_confirmations
        self.timeout = symbol.quote_timeout * 1000

    def filtered(self, mid: float, received: int) -> bool:
        """Whether a quote that jumped is refused.

        A stale quote filters nothing, and quotes in a row that agree with each other are
        believed in the end: a real gap must not silence a symbol for ever.
        """
        if not self.received or received - self.received > self.timeout:
            return False
        agrees = self.strange and abs(mid - self.strange_mid) <= self.jump * self.strange_mid
        confirmed = self.strange if agrees else 0
        if confirmed >= self.confirmations:
            return False
        self.strange, self.strange_mid = confirmed + 1, mid
        return True


class Intake:
    """Filter, path and candles of all symbols; `resume` holds the quotes to go on from."""

    def __init__(
        self,
        symbols: Iterable[Symbol],
        resume: Mapping[str, RawTick] | None = None,
        candles: CandleBuilder | None = None,
        hours: Mapping[str, Hours] | None = None,
    ) -> None:
        self.candles = candles or CandleBuilder()
        self._states: dict[str, _State] = {}
        self._collected = Collected()
        self._part = Part()
        self.update(symbols, hours)
        for name, (_, bid, ask, time, received) in (resume or {}).items():
            state = self._states.get(name)
            if state is not None:
                state.bid, state.ask, state.time, state.received = bid, ask, time, received

    def update(self, symbols: Iterable[Symbol], hours: Mapping[str, Hours] | None = None) -> None:
        """Take over the symbols, their rules and when they trade (round the clock if not told)."""
        self._hours = hours or {}
        known, self._states = self._states, {}
        for symbol in symbols:
            state = known.get(symbol.name) or _State()
            state.rules(symbol)
            self._states[symbol.name] = state

    @property
    def waiting(self) -> int:
        """How many accepted quotes wait for the next flush."""
        return len(self._collected.parts) * BATCH_SIZE + len(self._part.ticks)

    def accept(
        self, symbol: str, bid: float, ask: float, time: int, received: int
    ) -> Refusal | None:
        """Collect the quote, or say why it is not tradable. `time` is the source's."""
        state = self._states.get(symbol)
        if state is None:
            return self._refuse(UNKNOWN, Refusal.UNKNOWN_SYMBOL)
        if not (0.0 < bid <= BIGGEST and 0.0 < ask <= BIGGEST):  # NaN is refused here as well
            return self._refuse(symbol, Refusal.BAD_PRICE)
        if bid >= ask:
            return self._refuse(symbol, Refusal.CROSSED)
        if not state.time <= time <= received + FUTURE:
            return self._refuse(symbol, Refusal.OUT_OF_ORDER)
        mid, last = (bid + ask) / 2, (state.bid + state.ask) / 2
        if abs(mid - last) > state.jump * last and state.filtered(mid, received):
            return self._refuse(symbol, Refusal.FILTERED)
        self._collect(state, (symbol, bid, ask, time, received))
        return None

    def take(self) -> Collected:
        """Everything collected since the last call."""
        collected, self._collected = self._collected, Collected()
        if self._part.ticks:
            collected.parts.append(self._part)
            self._part = Part()
        return collected

    def _collect(self, state: _State, tick: RawTick) -> None:
        part = self._part
        ticks = part.ticks
        symbol, bid, ask, time, received = tick
        if received - state.received > state.timeout and state.received:
            self._note_gap(symbol, state, received)
        if symbol not in part.newest and state.received:
            part.before[symbol] = Before(state.bid, state.ask, state.received)
        part.newest[symbol] = len(ticks)
        ticks.append(tick)
        state.bid, state.ask, state.time, state.received = bid, ask, time, received
        state.strange = 0
        self.candles.add(symbol, bid, time)
        if len(ticks) == BATCH_SIZE:
            self._collected.parts.append(part)
            self._part = Part()

    def _note_gap(self, symbol: str, state: _State, received: int) -> None:
        """Quotes stayed away: that counts as far as the market was open meanwhile."""
        silent = open_between(self._hours.get(symbol, ALWAYS), state.received, received)
        if silent > state.timeout:
            gap = self._collected.gaps.get(symbol, Gap(0, 0))
            self._collected.gaps[symbol] = Gap(gap.times + 1, max(gap.longest, silent))

    def _refuse(self, symbol: str, reason: Refusal) -> Refusal:
        self._collected.refused[symbol, reason] += 1
        return reason
