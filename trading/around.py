"""The quotes around a fill, read from the tick log later, so that no request waits for them.

A fill is written with an empty `around`. A periodic task completes it once the later quotes
are there, long before the tick log drops them; until then readers get what the tick log
has.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from redis.exceptions import RedisError

from core.clock import now_ms
from market import path
from market.path import Batch, Tick
from market.quotes import BATCH_SIZE
from trading.models import Fill

BEFORE, AFTER = 5, 5  # quotes of the symbol that are stored on each side
LOOK_BACK = 30_000  # ms of the tick log that are searched for the earlier quotes
LOOK_ON = 10_000  # ms of the tick log that are searched for the later quotes
AT_ONCE = 200  # fills in one pass over the tick log

QuoteRow = list[Any]  # bid, ask, time, received, seq_no; time and seq_no None where unknown
log = logging.getLogger(__name__)


class Surroundings:
    """Collects the quotes that the tick log has around one fill."""

    def __init__(self, fill: Fill) -> None:
        self.fill, self.symbol = fill, fill.trade.symbol_id or ""
        self.own: QuoteRow = fill.quote
        self.number = number_of(fill)
        self.batch = path.batch_of(self.number)
        self._before: deque[QuoteRow] = deque(maxlen=BEFORE)
        self._after: list[QuoteRow] = []

    @property
    def rows(self) -> list[QuoteRow]:
        """Return the quotes, oldest first; the fill's own quote is always among them."""
        return [*self._before, self.own, *self._after]

    def see(self, tick: Tick) -> None:
        """Take the symbol's next quote, in the order of the tick log."""
        if self._is_own(tick):
            return
        if tick.number < self.number:
            self._before.append(list(tick[1:]))
        elif len(self._after) < AFTER and self._near(tick):
            self._after.append(list(tick[1:]))

    def _is_own(self, tick: Tick) -> bool:
        bid, ask, _, received, number = self.own
        if number:
            return bool(tick.number == number)
        return (tick.bid, tick.ask, tick.received) == (bid, ask, received)

    def _near(self, tick: Tick) -> bool:
        return path.batch_of(tick.number) <= self.batch + LOOK_ON

    def begin(self, batch: Batch) -> None:
        """Take the quote before the symbol's first batch, however old it is."""
        if batch.number <= self.batch and self.symbol in batch.before:
            bid, ask, received = batch.before[self.symbol]
            self._before.append([bid, ask, None, received, None])


def number_of(fill: Fill) -> int:
    """Return the sequence number of the fill's quote.

    Where only the quote's receipt is known, the first sequence number of that millisecond.
    """
    *_, received, number = fill.quote
    return int(number or received * BATCH_SIZE)


def gathered(fills: Iterable[Fill]) -> list[Surroundings]:
    """Read the tick log once and return what it has around each of these fills.

    The fills come with their trades loaded.

    Raises:
        RedisError: the tick log cannot be read.
    """
    found = [Surroundings(fill) for fill in fills]
    if not found:
        return found
    first = min(one.batch for one in found) - LOOK_BACK
    last = max(one.batch for one in found) + LOOK_ON
    wanted: dict[str, list[Surroundings]] = defaultdict(list)
    for one in found:
        wanted[one.symbol].append(one)
    begun: set[str] = set()
    for batch in takewhile(lambda batch: batch.number <= last, path.after(first - 1)):
        for tick in batch.ticks:
            for one in wanted.get(tick.symbol, ()):
                if tick.symbol not in begun:
                    one.begin(batch)
                one.see(tick)
            begun.add(tick.symbol)
    return found


def complete() -> int:
    """Store the quotes around the fills that lack them; return the number of fills completed.

    Raises:
        RedisError: the tick log cannot be read.
    """
    ripe, done = now_ms() - LOOK_ON, 0
    fills = Fill.objects.without_quotes()
    while True:
        # Batches are numbered by time (unix ms): a younger fill's later quotes may be missing.
        batch = [f for f in fills[:AT_ONCE] if path.batch_of(number_of(f)) <= ripe]
        for one in gathered(batch):
            one.fill.around = one.rows
        Fill.objects.bulk_update(batch, ["around"])
        done += len(batch)
        if len(batch) < AT_ONCE:
            return done


def of(fill: Fill) -> list[QuoteRow]:
    """Return the quotes around a fill: the stored ones, or what the tick log has by now."""
    if fill.around:
        return list(fill.around)
    try:
        return gathered([fill])[0].rows
    except RedisError as error:
        log.warning("no path to look at: %s", error)
        return [fill.quote]
