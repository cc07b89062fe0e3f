"""A connection's place in its account's event log: in order, none missed, none sent twice."""

import asyncio
import logging

from django.db import Error

from realtime import log as events
from realtime import wire
from realtime.database import read
from realtime.outbox import Outbox
from realtime.wire import Frame

PAGE = 500  # events read from the log at once
# A resuming client must not get events without a number that `resume` sends again, so the first
# events wait this long (seconds) for its `resume`.
HOLD = 0.5
log = logging.getLogger(__name__)


class Follower:
    """Sends the account's events from announcements, and from the log where those have gaps."""

    def __init__(self, login: int, outbox: Outbox) -> None:
        self.login = login
        self.started = False
        self._outbox = outbox
        self._last = 0  # the newest seq that was sent, or that the REST snapshot includes
        self._known = 0  # the newest seq that is known to exist
        self._wrapped = False
        self._reading = asyncio.Lock()  # held by whoever sends from the log, up to `_known`
        self._floating: set[str] = set()  # outbox keys of lossy frames that may still wait there
        self._fitting = (0, dict[str, object]())  # newest lossy frames after the seq they wait for
        self._hold: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, seq: int) -> None:
        """Follow the account from `seq` on."""
        self._last = self._known = seq
        self.started = True
        self._hold = asyncio.get_running_loop().call_later(HOLD, self._release)

    def stop(self) -> None:
        """Send nothing any more."""
        self.started = False
        if self._hold is not None:
            self._hold.cancel()
        if self._task is not None:
            self._task.cancel()

    def announced(self, first: int, wires: list[object]) -> None:
        """Send the events `first`, `first`+1, …, which were committed."""
        if not self.started:
            return
        self._known = max(self._known, first + len(wires) - 1)
        if self._hold is not None or self._reading.locked():
            return
        if first > self._last + 1:
            self._close_gap()
            return
        for seq, event in enumerate(wires, first):
            if seq > self._last:
                self._emit(seq, event)
        self._float()

    def floating(self, seq: int, frames: dict[str, object]) -> None:
        """Send lossy frames that know the events up to `seq`, the newest of each key.

        Those of an older state than the client's are dropped; those of a newer one wait for
        it.
        """
        waiting = self._fitting[1] if seq == self._fitting[0] else {}
        self._fitting = seq, waiting | frames
        self._float()

    def _float(self) -> None:
        seq, frames = self._fitting
        if not self.started or self._hold is not None or self._reading.locked():
            return
        if seq == self._last:
            for key, frame in frames.items():
                name = f"floating {key}"  # the outbox knows symbols, which have no blanks
                self._floating.add(name)
                self._outbox.put_newest(name, Frame(wire.text(frame)))
            frames.clear()

    def beat(self, seq: int, ctm: int | None) -> None:
        """Send what is missing up to `seq`, where the account's log ends.

        With `ctm` (unix seconds) a resumed session gets its heartbeat.
        """
        if not self.started:
            return
        self._known = max(self._known, seq)
        if self._hold is None and not self._reading.locked():
            self._close_gap(ctm)

    async def resume(self, since: int) -> None:
        """Send what was missed after `since`, and number every event from now on."""
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        async with self._reading:
            newest = await read(events.newest, [self.login])
            self._known = max(self._known, newest.get(self.login, 0))
            self._wrapped = True
            if since > self._known:
                self._outbox.put(wire.RESYNC)
                await self._read()
                return
            self._last = since
            if await self._read():
                self._outbox.put(wire.answer("resume", seq=self._last))
        self._float()

    def _release(self) -> None:
        self._hold = None
        self._close_gap()

    def _close_gap(self, ctm: int | None = None) -> None:
        if self._last == self._known:
            self._heartbeat(ctm)
        elif self._task is None or self._task.done():
            self._task = asyncio.create_task(self._catch_up(ctm))

    async def _catch_up(self, ctm: int | None) -> None:
        try:
            async with self._reading:
                await self._read()
        except Error as error:
            log.warning("events of %s are late: %s", self.login, error)  # the next beat retries
            return
        self._heartbeat(ctm)

    async def _read(self) -> bool:
        """Send up to the newest known event; return False where the log no longer has them."""
        while self._last < self._known:
            page = await read(events.since, self.login, self._last, PAGE)
            if not page or page[0].seq != self._last + 1:
                self._last = self._known
                self._outbox.put(wire.RESYNC)
                return False
            for row in page:
                self._emit(row.seq, row.event)
            await self._outbox.room()
        return True

    def _emit(self, seq: int, event: object) -> None:
        self._last = seq
        self._known = max(self._known, seq)
        for name in self._floating:  # figures from before the event must not follow it
            self._outbox.forget(name)
        self._floating.clear()
        self._outbox.put(wire.numbered(seq, event) if self._wrapped else wire.text(event))

    def _heartbeat(self, ctm: int | None) -> None:
        self._float()
        if self._wrapped and ctm is not None:
            self._outbox.put(wire.heartbeat(self._last, ctm))
