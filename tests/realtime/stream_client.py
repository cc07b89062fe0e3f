"""A WebSocket client of the stream for tests."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

WITHIN = 30.0  # seconds, of a busy machine


class StreamClient:
    """One WebSocket connection; every wait has a deadline."""

    def __init__(self, url: str, **options: Any) -> None:
        connection = connect(url, compression=None, open_timeout=WITHIN, close_timeout=1, **options)
        self._stack = ExitStack()
        self.socket = self._stack.enter_context(connection)

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, frame: object) -> None:
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def text(self, within: float = WITHIN) -> str:
        frame = self.socket.recv(timeout=within)
        assert isinstance(frame, str)
        return frame

    def receive(self, within: float = WITHIN) -> Any:
        return json.loads(self.text(within))

    def ask(self, frame: object) -> Any:
        self.send(frame)
        return self.receive()

    def receive_until(self, wanted: Callable[[Any], bool], within: float = WITHIN) -> list[Any]:
        """Return all frames up to the first wanted one, which is the last of them."""
        deadline = time.monotonic() + within
        frames: list[Any] = []
        while not frames or not wanted(frames[-1]):
            frames.append(self.receive(max(0.0, deadline - time.monotonic())))
        return frames

    def receive_first(self, letter: str, within: float = WITHIN) -> Any:
        """Return the next array that begins with `letter`."""
        return self.receive_until(lambda f: isinstance(f, list) and f[0] == letter, within)[-1]

    def is_quiet(self, seconds: float = 0.3) -> bool:
        """Return whether nothing is received for that long."""
        try:
            self.socket.recv(timeout=seconds)
        except TimeoutError:
            return True
        return False

    def close_code(self, within: float = WITHIN) -> int:
        """Read until the server has closed; return its code."""
        with pytest.raises(ConnectionClosed) as closed:
            self.receive_until(lambda _: False, within)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code
