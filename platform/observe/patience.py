"""Questions that may hang: a stopped server neither answers nor hangs up.

Each is asked by a thread of its own, one at a time in a process, however many want to know: who
waits gives up in time, and a hundred who ask of a stopped database leave one thread hanging.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")
__all__ = ["Late", "Question"]


class Question(Generic[T]):
    """`ask()` begins, `answer()` waits; an answer serves everybody for `fresh` seconds."""

    def __init__(self, ask: Callable[[], T], *, within: float, fresh: float = 0.0) -> None:
        self._ask, self._within, self._fresh = ask, within, fresh
        self._lock = threading.Lock()
        self._began = 0.0
        self._future: Future[T] | None = None

    def ask(self) -> "Future[T]":
        """Begin, unless it is being asked or has just been answered."""
        with self._lock:
            now = time.monotonic()
            old = now - self._began > self._fresh
            if self._future is None or (self._future.done() and old):
                self._future, self._began = Future(), now
                threading.Thread(
                    target=self._run, args=[self._future], name="question", daemon=True
                ).start()
            return self._future

    def answer(self) -> T:
        """What it answered, `within` seconds of when it was asked.

        Raises:
            Late: nothing yet.
            Exception: whatever the question itself raised.
        """
        future = self.ask()
        return future.result(max(0.0, self._began + self._within - time.monotonic()))

    def forget(self) -> None:
        """The next one who asks begins anew."""
        with self._lock:
            self._future = None

    def _run(self, future: "Future[T]") -> None:
        try:
            found = self._ask()
        except Exception as error:  # noqa: BLE001 - it is handed to who asked
            future.set_exception(error)
        else:
            future.set_result(found)
        finally:
            connections.close_all()
