"""What waits to be sent to one socket: all control frames, the newest frame of each key."""

import asyncio
import logging
from collections import OrderedDict, deque

from realtime.stream.metrics import METRICS
from realtime.stream.server_frames import Frame
from realtime.stream.transport import Send, SocketTransport

MOST_WAITING = 2000  # control frames; the connection of a client further behind is closed
MOST_TEXT = 2 * 1024 * 1024  # characters of control frames together: answers may be large
TOO_SLOW = 4413
log = logging.getLogger(__name__)


class Outbox:
    """The frames for one socket, taken out by one writer task as fast as the client reads."""

    def __init__(self, send: Send) -> None:
        self._transport = SocketTransport(send)
        self._frames: deque[Frame] = deque()
        self._size = 0  # characters of these frames
        self._newest: OrderedDict[str, Frame] = OrderedDict()
        self._close_code: int | None = None
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to send; the connection has been accepted."""
        self._transport.attach()
        self._writer = asyncio.create_task(self._write())

    def stop(self) -> None:
        """End the writer of a connection that is gone."""
        self._close_code = self._close_code or 0
        self._room.set()
        if self._writer is not None:
            self._writer.cancel()

    @property
    def is_closing(self) -> bool:
        return self._close_code is not None

    def put(self, frame: str) -> None:
        """Queue a frame that must arrive, in order; close with 4413 when too many wait."""
        if self.is_closing:
            return
        if len(self._frames) >= MOST_WAITING or self._size >= MOST_TEXT:
            self._frames.clear()
            METRICS.slow += 1
            self.close(TOO_SLOW)
            return
        self._frames.append(Frame(frame))
        self._size += len(frame)
        self._wake.set()

    def put_newest(self, key: str, frame: Frame) -> None:
        """Queue a frame in place of an older one of the same key that still waits."""
        if key in self._newest:
            METRICS.merged += 1
        self._newest[key] = frame
        self._wake.set()

    def discard(self, key: str) -> None:
        """Do not send the waiting frame of this key."""
        self._newest.pop(key, None)

    async def wait_for_room(self) -> None:
        """Wait until at most a quarter of MOST_WAITING frames wait, or the socket closes."""
        while len(self._frames) > MOST_WAITING // 4 and not self.is_closing:
            self._room.clear()
            await self._room.wait()

    def close(self, code: int) -> None:
        """Close the connection after the control frames that wait already."""
        if self._close_code is None:
            self._close_code = code
            self._transport.detach()
            self._room.set()
            self._wake.set()

    async def _write(self) -> None:
        try:
            await self._write_all()
        except (OSError, RuntimeError):  # servers raise these when the client is gone
            pass
        except Exception:  # a client that gets nothing more must not believe it is connected
            log.exception("a socket could not be written to and is dropped")
            self.stop()
            self._transport.drop()

    async def _write_all(self) -> None:
        while self._close_code is None:
            if self._transport.is_full:
                await self._transport.wait_for_room()
            elif self._frames or self._newest:
                await self._transport.write(self._take_frames())
            else:
                self._wake.clear()
                await self._wake.wait()
        while self._frames:
            await self._transport.write(self._take_frames())
        await self._transport.close(self._close_code)

    def _take_frames(self) -> list[Frame]:
        """Take what goes out next: control frames first, then the newest of each key."""
        most = self._transport.batch_size
        if self._frames:
            taken = [self._frames.popleft() for _ in range(min(most, len(self._frames)))]
            self._size -= sum(len(frame.text) for frame in taken)
            self._room.set()
        else:
            newest = self._newest
            taken = [newest.popitem(last=False)[1] for _ in range(min(most, len(newest)))]
        METRICS.frames += len(taken)
        return taken
