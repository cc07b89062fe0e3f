"""The quotes around a fill, read from the tick log later, so that no request waits for them.

A fill is written with an empty `around`. A periodic task completes it once the later quotes
are there, long before the tick log drops them; until then readers get what the tick log
has.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

from redis.exceptions import RedisError

from core.clock import now_ms
from market.quotes import tick_log
from market.quotes.quote import BATCH_SIZE
from market.quotes.tick_log import Batch, Tick
from trading.models import Fill

QUOTES_BEFORE, QUOTES_AFTER = 5, 5  # quotes of the symbol that are stored on each side
SEARCH_BACK_MS = 30_000  # ms of the tick log that are searched for the earlier quotes
SEARCH_AHEAD_MS = 10_000  # ms of the tick log that are searched for the later quotes
FILLS_PER_PASS = 200  # fills in one pass over the tick log

QuoteRow = list[Any]  # bid, ask, time, received, seq_no; time and seq_no None where unknown
log = logging.getLogger(__name__)


class QuotesAroundFill:
    """Collects the quotes that the tick log has around one fill."""

    def __init__(self, fill: Fill) -> None:
        self.fill, self.symbol = fill, fill.trade.symbol_id or ""
        self.fill_quote: QuoteRow = fill.quote
        self.seq_no = seq_no_of_fill(fill)
        self.batch = tick_log.batch_of(self.seq_no)
        self._before: deque[QuoteRow] = deque(maxlen=QUOTES_BEFORE)
        self._after: list[QuoteRow] = []

    @property
    def rows(self) -> list[QuoteRow]:
        """Return the quotes, oldest first; the fill's own quote is always among them."""
        return [*self._before, self.fill_quote, *self._after]

    def add_tick(self, tick: Tick) -> None:
        """Take the symbol's next quote, in the order of the tick log."""
        if self._is_fill_quote(tick):
            return
        if tick.seq_no < self.seq_no:
            self._before.append(list(tick[1:]))
        elif len(self._after) < QUOTES_AFTER and self._is_near_enough(tick):
            self._after.append(list(tick[1:]))

    def _is_fill_quote(self, tick: Tick) -> bool:
        bid, ask, _, received, number = self.fill_quote
        if number:
            return bool(tick.seq_no == number)
        return (tick.bid, tick.ask, tick.received) == (bid, ask, received)

    def _is_near_enough(self, tick: Tick) -> bool:
        return tick_log.batch_of(tick.seq_no) <= self.batch + SEARCH_AHEAD_MS

    def add_previous_quote(self, batch: Batch) -> None:
        """Take the quote before the symbol's first batch, however old it is."""
        if batch.number <= self.batch and self.symbol in batch.previous:
            bid, ask, received = batch.previous[self.symbol]
            self._before.append([bid, ask, None, received, None])


def seq_no_of_fill(fill: Fill) -> int:
    """Return the sequence number of the fill's quote.

    Where only the quote's receipt is known, the first sequence number of that millisecond.
    """
    *_, received, number = fill.quote
    return int(number or received * BATCH_SIZE)


def collect_quotes(fills: Iterable[Fill]) -> list[QuotesAroundFill]:
    """Read the tick log once and return what it has around each of these fills.

    The fills come with their trades loaded.

    Raises:
        RedisError: the tick log cannot be read.
    """
    found = [QuotesAroundFill(fill) for fill in fills]
    if not found:
        return found
    first = min(one.batch for one in found) - SEARCH_BACK_MS
    last = max(one.batch for one in found) + SEARCH_AHEAD_MS
    wanted: dict[str, list[QuotesAroundFill]] = defaultdict(list)
    for around_fill in found:
        wanted[around_fill.symbol].append(around_fill)
    begun: set[str] = set()
    for batch in tick_log.read_batches_with(wanted, first, last):
        for tick in batch.ticks:
            for around_fill in wanted.get(tick.symbol, ()):
                if tick.symbol not in begun:
                    around_fill.add_previous_quote(batch)
                around_fill.add_tick(tick)
            begun.add(tick.symbol)
    return found


def add_missing_quotes() -> int:
    """Store the quotes around the fills that lack them; return the number of fills completed.

    Raises:
        RedisError: the tick log cannot be read.
    """
    newest_batch, done = now_ms() - SEARCH_AHEAD_MS, 0
    fills = Fill.objects.without_quotes()
    while True:
        # Batches are numbered by time (unix ms): a younger fill's later quotes may be missing.
        batch = [
            f
            for f in fills[:FILLS_PER_PASS]
            if tick_log.batch_of(seq_no_of_fill(f)) <= newest_batch
        ]
        for around_fill in collect_quotes(batch):
            around_fill.fill.around = around_fill.rows
        Fill.objects.bulk_update(batch, ["around"])
        done += len(batch)
        if len(batch) < FILLS_PER_PASS:
            return done


def quotes_around(fill: Fill) -> list[QuoteRow]:
    """Return the quotes around a fill: the stored ones, or what the tick log has by now."""
    if fill.around:
        return list(fill.around)
    try:
        return collect_quotes([fill])[0].rows
    except RedisError as error:
        log.warning("the tick log cannot be read: %s", error)
        return [fill.quote]
