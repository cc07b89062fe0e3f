"""Calls that may hang: a stopped server neither answers nor hangs up.

Each is made by a thread of its own, one at a time in a process, however many wait for it: a
waiter gives up in time, and a hundred who ask of a stopped database leave one thread
hanging.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as CallTimeout
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")
__all__ = ["CallTimeout", "TimeboxedCall"]


class TimeboxedCall(Generic[T]):
    """A call that `start()` begins and `wait()` waits for.

    It gets `within` seconds; its result serves everybody who asks for `fresh` seconds.
    """

    def __init__(self, call: Callable[[], T], *, within: float, fresh: float = 0.0) -> None:
        self._call, self._within, self._fresh = call, within, fresh
        self._lock = threading.Lock()
        self._began = 0.0
        self._future: Future[T] | None = None

    def start(self) -> "Future[T]":
        """Begin the call, unless it runs or has a fresh result."""
        with self._lock:
            now = time.monotonic()
            old = now - self._began > self._fresh
            if self._future is None or (self._future.done() and old):
                self._future, self._began = Future(), now
                threading.Thread(
                    target=self._run, args=[self._future], name="timeboxed", daemon=True
                ).start()
            return self._future

    def wait(self) -> T:
        """Return the result; wait until `within` seconds after the start at most.

        Raises:
            CallTimeout: nothing yet.
            Exception: whatever the call itself raised.
        """
        future = self.start()
        return future.result(max(0.0, self._began + self._within - time.monotonic()))

    def reset(self) -> None:
        """Drop the result: the next one who asks starts the call again."""
        with self._lock:
            self._future = None

    def _run(self, future: "Future[T]") -> None:
        try:
            found = self._call()
        except Exception as error:  # noqa: BLE001 - it is handed to who waits
            future.set_exception(error)
        else:
            future.set_result(found)
        finally:
            connections.close_all()
