"""A connection's place in its account's event log: in order, none missed, none sent twice."""

import asyncio
import logging

from django.db import Error

from realtime.events import event_log
from realtime.events.types import has_figures, is_for_numbered_only
from realtime.stream import server_frames
from realtime.stream.database import run_query
from realtime.stream.outbox import Outbox
from realtime.stream.server_frames import Frame

PAGE = 500  # events read from the log at once
# A resuming client must not get events without a number that `resume` sends again, so the first
# events wait this long (seconds) for its `resume`.
HOLD = 0.5
log = logging.getLogger(__name__)


class EventCursor:
    """Sends the account's events from announcements, and from the log where those have gaps."""

    def __init__(self, login: int, outbox: Outbox) -> None:
        self.login = login
        self.is_started = False
        self._outbox = outbox
        self._last_sent = 0  # the newest seq that was sent, or that the REST snapshot includes
        self._newest_known = 0  # the newest seq that is known to exist
        self._last_figures = 0  # the newest seq that was sent of a change of orders or money
        self._is_numbering = False
        self._reading = asyncio.Lock()  # held by whoever sends from the log, up to `_newest_known`
        # Outbox keys of lossy frames that may still wait there.
        self._floating_keys: set[str] = set()
        # Newest lossy frames after the seq they wait for.
        self._latest_floating = (0, dict[str, object]())
        self._hold: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, seq: int, figures: int) -> None:
        """Follow the account from `seq` on; `figures` is the last seq of orders or money."""
        self._last_sent = self._newest_known = seq
        self._last_figures = figures
        self.is_started = True
        self._hold = asyncio.get_running_loop().call_later(HOLD, self._end_hold)

    def stop(self) -> None:
        """Send nothing any more."""
        self.is_started = False
        if self._hold is not None:
            self._hold.cancel()
        if self._task is not None:
            self._task.cancel()

    def take_events(self, first: int, wires: list[object]) -> None:
        """Send the events `first`, `first`+1, …, which were committed."""
        if not self.is_started:
            return
        self._newest_known = max(self._newest_known, first + len(wires) - 1)
        if self._hold is not None or self._reading.locked():
            return
        if first > self._last_sent + 1:
            self._close_gap()
            return
        for seq, event in enumerate(wires, first):
            if seq > self._last_sent:
                self._send_event(seq, event)
        self._send_floating()

    def take_floating(self, seq: int, frames: dict[str, object]) -> None:
        """Send lossy frames that know the events up to `seq`, the newest of each key.

        Those from before a change that was sent are dropped; those of a newer state wait for it.
        Alerts, notifications and what the client stores change no figure: the engine does not
        know them.
        """
        waiting = self._latest_floating[1] if seq == self._latest_floating[0] else {}
        self._latest_floating = seq, waiting | frames
        self._send_floating()

    def _send_floating(self) -> None:
        seq, frames = self._latest_floating
        if not self.is_started or self._hold is not None or self._reading.locked():
            return
        if self._last_figures <= seq <= self._last_sent:
            for key, frame in frames.items():
                name = f"floating {key}"  # the outbox knows symbols, which have no blanks
                self._floating_keys.add(name)
                self._outbox.put_newest(name, Frame(server_frames.encode_frame(frame)))
            frames.clear()

    def catch_up_to(self, seq: int, ctm: int | None) -> None:
        """Send what is missing up to `seq`, where the account's log ends.

        With `ctm` (unix seconds) a resumed session gets its heartbeat.
        """
        if not self.is_started:
            return
        self._newest_known = max(self._newest_known, seq)
        if self._hold is None and not self._reading.locked():
            self._close_gap(ctm)

    async def resume(self, since: int) -> None:
        """Send what was missed after `since`, and number every event from now on."""
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        async with self._reading:
            newest = await run_query(event_log.newest_seqs, [self.login])
            self._newest_known = max(self._newest_known, newest.get(self.login, 0))
            self._is_numbering = True
            if since > self._newest_known:
                self._outbox.put(server_frames.RESYNC)
                await self._send_from_log()
                return
            self._last_sent = since
            if await self._send_from_log():
                self._outbox.put(server_frames.answer_frame("resume", seq=self._last_sent))
        self._send_floating()

    def _end_hold(self) -> None:
        self._hold = None
        self._close_gap()

    def _close_gap(self, ctm: int | None = None) -> None:
        if self._last_sent == self._newest_known:
            self._send_heartbeat(ctm)
        elif self._task is None or self._task.done():
            self._task = asyncio.create_task(self._catch_up(ctm))

    async def _catch_up(self, ctm: int | None) -> None:
        try:
            async with self._reading:
                await self._send_from_log()
        except Error as error:
            log.warning("events of %s are late: %s", self.login, error)  # the next beat retries
            return
        self._send_heartbeat(ctm)

    async def _send_from_log(self) -> bool:
        """Send up to the newest known event; return False where the log no longer has them."""
        while self._last_sent < self._newest_known:
            page = await run_query(event_log.events_since, self.login, self._last_sent, PAGE)
            if not page or page[0].seq != self._last_sent + 1:
                self._last_sent = self._newest_known
                self._outbox.put(server_frames.RESYNC)
                return False
            for row in page:
                self._send_event(row.seq, row.event)
            await self._outbox.wait_for_room()
        return True

    def _send_event(self, seq: int, event: object) -> None:
        self._last_sent = seq
        self._newest_known = max(self._newest_known, seq)
        if has_figures(event):
            self._last_figures = seq
            for name in self._floating_keys:  # figures from before the event must not follow it
                self._outbox.discard(name)
            self._floating_keys.clear()
        if self._is_numbering:
            self._outbox.put(server_frames.numbered_frame(seq, event))
        elif not is_for_numbered_only(event):
            self._outbox.put(server_frames.encode_frame(event))

    def _send_heartbeat(self, ctm: int | None) -> None:
        self._send_floating()
        if self._is_numbering and ctm is not None:
            self._outbox.put(server_frames.heartbeat_frame(self._last_sent, ctm))
