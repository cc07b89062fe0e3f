"""The feed adapter `replay`: real ticks from files, merged in time order."""

import heapq
import math
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.clock import now_ms
from market.feed.adapters.feed_adapter import FeedAdapter, wait_until
from market.feed.adapters.tick_files import BadTickFile, FileTick, read_ticks
from market.feed.intake import Intake
from market.models import Symbol
from market.quotes.quote import BATCH_SIZE
from market.quotes.tick_log import Tick


class ReplayAdapter(FeedAdapter):
    """Plays files `speed` times as fast as they were recorded, 0 as fast as possible.

    Raises:
        BadTickFile: a file is missing or its first line is wrong.
    """

    name = "replay"
    resumes = False
    clock = staticmethod(time.monotonic)

    def __init__(self, files: list[str], speed: float) -> None:
        if not files:
            raise BadTickFile("replay: no files (name them, or set FEED_FILES)")
        self._paths = [Path(file) for file in files]
        self._speed = speed
        self._broken: BadTickFile | None = None
        for path in self._paths:
            next(read_ticks(path), None)  # fails on a wrong name before anything begins

    def start(self, symbols: Iterable[Symbol], quotes: dict[str, Tick]) -> None:
        self._ticks: Iterator[FileTick] = heapq.merge(*map(read_ticks, self._paths))
        self._next = next(self._ticks, None)
        self._first = self._next[0] if self._next else 0
        self._began = self.clock()

    def pump(self, intake: Intake, until: float, stop: threading.Event) -> bool:
        """Play what is due until the monotonic time `until`; return False at the end of all.

        Raises:
            BadTickFile: a line is wrong; all quotes before it have been published.
        """
        if self._speed:
            wait_until(until, stop)
        if self._broken is not None:
            raise self._broken
        try:
            self.play_due(intake)
        except BadTickFile as error:
            self._broken = error  # raised by the next call, when the quotes before it are published
            return True
        return self._next is not None

    def play_due(self, intake: Intake) -> None:
        """Put what is due by now into the intake, at most a batch."""
        received, due = now_ms(), self._due_until()
        for _ in range(BATCH_SIZE):
            if self._next is None or self._next[0] > due:
                break
            ctm, symbol, bid, ask = self._next
            intake.accept(symbol, bid, ask, ctm, received)
            self._next = next(self._ticks, None)

    def _due_until(self) -> float:
        """Return the recording's time, in unix ms, up to which quotes are due by now."""
        if not self._speed:
            return math.inf
        return self._first + (self.clock() - self._began) * 1000 * self._speed
