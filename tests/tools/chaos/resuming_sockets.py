"""Many sockets that resume: each must get each event of its account exactly once."""

import asyncio
import json
import threading
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

PAUSE = 0.3  # seconds between two attempts to connect


class Socket:
    """A terminal that remembers the last seq it has seen and resumes from it."""

    def __init__(self, login: int, token: str, url: str) -> None:
        self.login, self.token, self.url = login, token, url
        self.seq = 0
        self.gaps: list[str] = []
        self.frames = self.connections = 0
        self.open = False

    async def live(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with suppress(OSError, WebSocketException, TimeoutError, asyncio.TimeoutError):
                async with connect(self.url, compression=None, open_timeout=5) as socket:
                    self.connections += 1
                    await self._session(socket, stop)
            self.open = False
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE)

    async def _session(self, socket: Any, stop: asyncio.Event) -> None:
        await socket.send(json.dumps({"authorization": self.token}))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if not answer.get("success"):
            return
        subscribe = {"event": "subscribe", "data": ["EURUSD", "USDJPY"]}
        await socket.send(json.dumps(subscribe))
        await socket.send(json.dumps({"event": "resume", "since": self.seq}))
        while not stop.is_set():
            # A heartbeat comes every 5 s: a socket that hears nothing for longer is dead.
            self._take(json.loads(await asyncio.wait_for(socket.recv(), 12)))

    def _take(self, frame: Any) -> None:
        self.frames += 1
        if isinstance(frame, dict) and frame.get("event") == "resume":
            self.open = True
        elif isinstance(frame, dict) and frame.get("event") == "resync":
            self.gaps.append("resync")
        elif isinstance(frame, dict) and "seq" in frame:
            if frame["seq"] != self.seq + 1:
                self.gaps.append(f"{self.login}: {frame['seq']} after {self.seq}")
            self.seq = max(self.seq, frame["seq"])


class ResumingSockets(threading.Thread):
    """All sockets on one event loop in a thread."""

    def __init__(self, tokens: dict[int, str], each: int, port: int) -> None:
        super().__init__(name="crowd", daemon=True)
        url = f"ws://127.0.0.1:{port}/ws"
        self.sockets = [
            Socket(login, token, url) for login, token in tokens.items() for _ in range(each)
        ]
        self._ending = asyncio.Event()
        self._loop = asyncio.new_event_loop()

    def run(self) -> None:
        self._loop.run_until_complete(self._all())

    def halt(self) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self.join(20)

    @property
    def open(self) -> int:
        return sum(socket.open for socket in self.sockets)

    def lagging_sockets(self, newest: dict[int, int]) -> list[str]:
        """Return a line for each socket that lacks its account's newest event."""
        return [
            f"{socket.login}: {socket.seq} of {newest[socket.login]}"
            for socket in self.sockets
            if socket.seq != newest[socket.login]
        ]

    def new_gaps(self) -> list[str]:
        """Return what sockets missed or got twice since the last call."""
        found = [f"socket gap: {words}" for socket in self.sockets for words in socket.gaps]
        for socket in self.sockets:
            socket.gaps.clear()
        return found

    async def _all(self) -> None:
        await asyncio.gather(*(socket.live(self._ending) for socket in self.sockets))
