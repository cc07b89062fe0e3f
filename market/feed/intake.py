"""Intake: decides which quotes are tradable and collects them in the order of receipt. No I/O.

Prices are floats on their symbol's digits, which compare exactly as they were written;
times are unix milliseconds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from django.conf import settings

from market.enums import Refusal
from market.feed.candles import CandleBuilder
from market.feed.confirmation import Doubt, OldQuotePrice
from market.feed.digits import round_to_digits
from market.feed.gaps import Gap, open_ms_between
from market.hours import ALWAYS, Hours
from market.models import Symbol
from market.quotes.quote import BATCH_SIZE
from market.quotes.tick_log import PreviousQuote

HIGHEST_PRICE = 1e11  # no price is beyond it
UNKNOWN_SYMBOLS = "?"  # all unknown symbols are counted under this name

RawTick = tuple[str, float, float, int, int]  # symbol, bid, ask, time, received
OldQuote = tuple[str, float, int]  # symbol, bid, time: all that candles take
RefusedSince = tuple[int, Refusal]  # first refusal (unix ms), reason of the newest


@dataclass(slots=True)
class PendingBatch:
    """Quotes of one batch of the tick log, before it has its number."""

    ticks: list[RawTick] = field(default_factory=list)
    previous: dict[str, PreviousQuote] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)  # symbol → index in ticks
    old: list[OldQuote] = field(default_factory=list)  # not in the tick log, for candles only


@dataclass(slots=True)
class CollectedQuotes:
    """Everything collected since the last flush."""

    batches: list[PendingBatch] = field(default_factory=list)
    refused: Counter[tuple[str, Refusal]] = field(default_factory=Counter)
    rounded: Counter[str] = field(default_factory=Counter)  # symbol → noticeably rounded quotes
    gaps: dict[str, Gap] = field(default_factory=dict)
    # Symbols without an accepted quote for longer than their timeout; None: accepted again.
    all_refused: dict[str, RefusedSince | None] = field(default_factory=dict)


class _SymbolState:
    """One symbol's rules and what its next quote is compared with."""

    __slots__ = (
        "ask", "bid", "confirmations", "digits", "doubt", "jump", "max_age", "mid", "received",
        "scale", "time", "timeout",
    )  # fmt: skip

    def __init__(self) -> None:
        self.bid = self.ask = self.mid = 0.0
        self.received = self.time = 0
        self.doubt: Doubt | None = None

    def apply_rules(self, symbol: Symbol, *, recorded: bool) -> None:
        """Take over the symbol's filter settings; with `recorded` no quote is too old."""
        self.jump = float(symbol.filter_percent) / 100 or inf
        self.confirmations = symbol.filter_confirmations
        self.timeout = symbol.quote_timeout * 1000
        self.digits, self.scale = symbol.digits, 10.0**symbol.digits
        self.max_age = inf if recorded else symbol.max_source_age * 1000 or inf

    def remember_price(self, mid: float) -> None:
        """Set a price from before the feed's start: the first quote must not jump from it."""
        self.mid = mid
        self.doubt = self.doubt or Doubt()  # staff may already see the existing one
        self.doubt.resumed = True

    def is_jump(self, mid: float, last: float) -> bool:
        """Return True if `mid` is beyond the filter from `last`; False where `last` is 0."""
        return last > 0.0 and abs(mid - last) > self.jump * last


class Intake:
    """Filters quotes and collects them for the tick log and the candles of all symbols.

    Args:
        resume: the newest published quotes, by symbol, after which the feed goes on.
        prices: the last known price of symbols without such a quote.
        hours: when each symbol trades.
        recorded: the source plays recorded quotes, so their age means nothing.
    """

    def __init__(
        self,
        symbols: Iterable[Symbol],
        resume: Mapping[str, RawTick] | None = None,
        candles: CandleBuilder | None = None,
        hours: Mapping[str, Hours] | None = None,
        prices: Mapping[str, float] | None = None,
        *,
        recorded: bool = False,
    ) -> None:
        self.candles = candles or CandleBuilder()
        self._ahead = settings.FEED_AHEAD * 1000
        self._recorded = recorded
        self._states: dict[str, _SymbolState] = {}
        self._collected = CollectedQuotes()
        self._batch = PendingBatch()
        self.update_symbols(symbols, hours, prices)
        for name, (_, bid, ask, time, received) in (resume or {}).items():
            state = self._states.get(name)
            if state is not None:
                state.bid, state.ask, state.received = bid, ask, received
                # A stamp of an earlier release may be far ahead and would bar all that follow.
                state.time = min(time, received + self._ahead)
                state.remember_price((bid + ask) / 2)

    def update_symbols(
        self,
        symbols: Iterable[Symbol],
        hours: Mapping[str, Hours] | None = None,
        prices: Mapping[str, float] | None = None,
    ) -> None:
        """Take over the symbols, their rules and hours; without hours a symbol trades always.

        `prices` are the last known ones of symbols that may have no quote yet.
        """
        self._hours = hours or {}
        known, self._states = self._states, {}
        for symbol in symbols:
            state = known.pop(symbol.name, None) or _SymbolState()
            state.apply_rules(symbol, recorded=self._recorded)
            if not state.mid and prices and symbol.name in prices:
                state.remember_price(prices[symbol.name])
            self._states[symbol.name] = state
        for name, state in known.items():  # deleted
            self._clear_doubt(name, state)

    def resume_after(self, times: Mapping[str, int]) -> None:
        """Refuse quotes from before these times (unix ms): all up to them has been taken."""
        for name, time in times.items():
            state = self._states.get(name)
            if state is not None:
                state.time = max(state.time, time)

    def trades(self, symbol: str, at: float) -> bool:
        """Return whether the symbol's market is open at `at` (unix seconds)."""
        return self._hours.get(symbol, ALWAYS).span_at(at).is_open

    @property
    def waiting(self) -> int:
        """Return how many quotes wait for the next flush."""
        full = len(self._collected.batches) * BATCH_SIZE
        return full + len(self._batch.ticks) + len(self._batch.old)

    def accept(
        self, symbol: str, bid: float, ask: float, time: int, received: int
    ) -> Refusal | None:
        """Collect the quote, or return why it is not tradable; `time` is the source time."""
        state = self._states.get(symbol)
        if state is None:
            self._collected.refused[UNKNOWN_SYMBOLS, Refusal.UNKNOWN_SYMBOL] += 1
            return Refusal.UNKNOWN_SYMBOL
        scale, mid = state.scale, (bid + ask) / 2
        # Nearly every quote passes; NaN does not. The others are checked one rule at a time.
        if (
            0.0 < bid < ask <= HIGHEST_PRICE
            and (bid * scale + 0.5) // 1.0 / scale == bid
            and (ask * scale + 0.5) // 1.0 / scale == ask
            and state.time <= time <= received + self._ahead
            and received - time <= state.max_age
            and abs(mid - state.mid) <= state.jump * state.mid
        ):
            self._collect(state, (symbol, bid, ask, time, received), mid)
            return None
        return self._examine(state, (symbol, bid, ask, time, received))

    def take_collected(self) -> CollectedQuotes:
        """Return everything collected since the last call, and start an empty collection."""
        collected, self._collected = self._collected, CollectedQuotes()
        if self._batch.ticks or self._batch.old:
            collected.batches.append(self._batch)
            self._batch = PendingBatch()
        return collected

    def _examine(self, state: _SymbolState, tick: RawTick) -> Refusal | None:
        """Check a quote by each rule in turn, with its prices rounded to the symbol's digits."""
        symbol, bid, ask, time, received = tick
        # NaN is refused here as well.
        if not (0.0 < bid <= HIGHEST_PRICE and 0.0 < ask <= HIGHEST_PRICE):
            return self._refuse(state, tick, Refusal.BAD_PRICE)
        (bid, moved), (ask, moved_too) = (
            round_to_digits(bid, state.digits),
            round_to_digits(ask, state.digits),
        )
        if moved or moved_too:
            self._collected.rounded[symbol] += 1
        tick, mid = (symbol, bid, ask, time, received), (bid + ask) / 2
        reason: Refusal | None = None
        if not bid > 0.0:
            reason = Refusal.BAD_PRICE
        elif bid >= ask:
            reason = Refusal.CROSSED
        elif not state.time <= time <= received + self._ahead:
            reason = Refusal.OUT_OF_ORDER
        elif received - time > state.max_age:
            reason = self._collect_old(state, tick, mid)
        elif state.is_jump(mid, state.mid):
            reason = self._check_jump(state, tick, mid)
        if reason is not None:
            return self._refuse(state, tick, reason)
        self._collect(state, tick, mid)
        return None

    def _check_jump(self, state: _SymbolState, tick: RawTick, mid: float) -> Refusal | None:
        """Return why a quote that jumped is refused, or None once enough quotes agree with it.

        Until then its price has no effect: later quotes are not compared with it.
        """
        state.doubt = doubt = state.doubt or Doubt()
        if doubt.candidate.confirm(mid, state.jump, state.confirmations):
            return None
        return (
            Refusal.HELD if self._is_last_price_uncertain(state, doubt, tick) else Refusal.FILTERED
        )

    def _is_last_price_uncertain(self, state: _SymbolState, doubt: Doubt, tick: RawTick) -> bool:
        """Return True if a start, a silence or an opening came after the last accepted quote."""
        symbol, received = tick[0], tick[4]
        silence = received - state.received
        if doubt.resumed or silence > state.timeout:
            return True
        if doubt.reopened is None:
            hours = self._hours.get(symbol, ALWAYS)
            doubt.reopened = open_ms_between(hours, state.received, received) < silence
        return doubt.reopened

    def _collect_old(self, state: _SymbolState, tick: RawTick, mid: float) -> Refusal:
        """Add a quote that is too old to be traded to the candles, unless it jumps."""
        symbol, bid, _, time, _ = tick
        state.doubt = doubt = state.doubt or Doubt()
        doubt.old_price = past = doubt.old_price or OldQuotePrice(state.mid)
        confirmed = past.candidate.confirm
        if state.is_jump(mid, past.mid) and not confirmed(mid, state.jump, state.confirmations):
            return Refusal.HELD
        past.candidate.agreeing = 0
        past.mid, state.time = mid, time
        self.candles.add(symbol, bid, time)
        self._batch.old.append((symbol, bid, time))
        return Refusal.OLD

    def _collect(self, state: _SymbolState, tick: RawTick, mid: float) -> None:
        """Append an accepted quote to the batch and the candles, and end the symbol's doubt."""
        part = self._batch
        ticks = part.ticks
        symbol, bid, ask, time, received = tick
        if received - state.received > state.timeout and state.received:
            self._count_gap(symbol, state, received)
        if symbol not in part.newest and state.received:
            part.previous[symbol] = PreviousQuote(state.bid, state.ask, state.received)
        part.newest[symbol] = len(ticks)
        ticks.append(tick)
        state.bid, state.ask, state.time, state.received = bid, ask, time, received
        state.mid = mid
        if state.doubt is not None:
            self._clear_doubt(symbol, state)
        self.candles.add(symbol, bid, time)
        if len(ticks) == BATCH_SIZE:
            self._collected.batches.append(part)
            self._batch = PendingBatch()

    def _clear_doubt(self, symbol: str, state: _SymbolState) -> None:
        """End the symbol's doubt; where staff see it as refused, report the end of that."""
        if state.doubt is not None and state.doubt.reported:
            self._collected.all_refused[symbol] = None
        state.doubt = None

    def _count_gap(self, symbol: str, state: _SymbolState, received: int) -> None:
        """Count the time without quotes as a gap, as far as the market was open meanwhile."""
        silent = open_ms_between(self._hours.get(symbol, ALWAYS), state.received, received)
        if silent > state.timeout:
            gap = self._collected.gaps.get(symbol, Gap(0, 0))
            self._collected.gaps[symbol] = Gap(gap.number + 1, max(gap.longest, silent))

    def _refuse(self, state: _SymbolState, tick: RawTick, reason: Refusal) -> Refusal:
        """Count the refusal; report the symbol once all its quotes were refused for too long."""
        symbol, received = tick[0], tick[4]
        self._collected.refused[symbol, reason] += 1
        state.doubt = doubt = state.doubt or Doubt()
        if not doubt.refused_since:
            doubt.refused_since = received
        elif received - doubt.refused_since > state.timeout:
            self._collected.all_refused[symbol] = doubt.refused_since, reason
            doubt.reported = True
        return reason
