"""Whether published quotes matter to a task, by the levels that it waits for."""

from collections.abc import Sequence

from market.quotes.awaited_levels import AwaitedLevels
from market.quotes.quote_ranges import SUM, crosses, ranges_of_batches
from market.quotes.tick_log import Batch

MOST_BATCHES = 500  # that are held to be compared with later levels


class LevelFilter:
    """The batches that one task has not reported as processed, compared with its levels."""

    def __init__(self) -> None:
        self._batches: list[Batch] = []
        self._compared = 0  # so many of them crossed nothing
        self._crossed = False
        self._text: str | None = None
        self._awaited: AwaitedLevels | None = None
        self._forgotten = -1  # the last batch that is not held any more, or was another feed's

    def add(self, batches: Sequence[Batch]) -> None:
        """Hold new batches."""
        if self._forgotten < 0:
            self._forgotten = batches[0].number - 1
        self._batches += batches
        if len(self._batches) > MOST_BATCHES:
            self._forgotten = self._batches[-1].number
            self._batches, self._compared = [], 0

    def must_wake(self, text: str | None, change: str | None) -> bool:
        """Return whether the task must run, by its levels and change mark as they are in Redis."""
        if text != self._text:
            self._use_levels(text)
        awaited = self._awaited
        if awaited is None or awaited.change != (change or "") or awaited.batch < self._forgotten:
            return True
        if not self._crossed:
            new, sums = self._batches[self._compared :], len(awaited.levels) > SUM
            ranges = ranges_of_batches(new, sums=sums)
            self._crossed = any(crosses(each, awaited.levels) for each in ranges)
            self._compared = len(self._batches)
        return self._crossed

    def _use_levels(self, text: str | None) -> None:
        """Compare all batches after those that the task has processed with other levels."""
        self._text = text
        self._awaited = AwaitedLevels.decode(text) if text else None
        if self._awaited is not None:
            processed = self._awaited.batch
            self._batches = [batch for batch in self._batches if batch.number > processed]
            # Levels of an older run that are published late are known by their batch.
            self._forgotten = max(self._forgotten, processed)
        self._compared, self._crossed = 0, False
