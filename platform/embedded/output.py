"""What `up` writes: one stream of lines, each with the time and the name of its process."""

import datetime
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Queue
from typing import IO, Any, TextIO

from honcho.printer import Message, Printer

OWN_NAME = "up"


class Output:
    """Lines from all processes, printed by the main thread only."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._printer = Printer(stream or sys.stdout, width=8)
        self._stream = stream or sys.stdout
        self._lines: Queue[Any] = Queue()

    def follow(self, pipe: IO[bytes], name: str, colour: str) -> threading.Thread:
        """Take over every line that comes out of `pipe`; the thread ends with the last."""

        def pump() -> None:
            with pipe:
                for line in pipe:
                    self._lines.put(_message(line, name, colour))

        thread = threading.Thread(target=pump, name=f"lines of {name}", daemon=True)
        thread.start()
        return thread

    def pump(self, timeout: float) -> None:
        """Print what has come in; wait at most `timeout` seconds for the first line."""
        with suppress(Empty):
            self._print(self._lines.get(timeout=timeout))
            while True:
                self._print(self._lines.get_nowait())

    def say(self, text: str) -> None:
        """A line of `up` itself, after all that came before it."""
        self._lines.put(_message(text, OWN_NAME, ""))
        self.pump(0)

    def plain(self, text: str) -> None:
        """Lines without the time and the name in front."""
        self.pump(0)
        self._write(lambda: print(text, file=self._stream, flush=True))

    def _print(self, message: Any) -> None:
        self._write(lambda: self._printer.write(message))

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError:  # the reader is gone: what runs must still be ended properly
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def _message(data: bytes | str, name: str, colour: str) -> Any:
    return Message("line", data, datetime.datetime.now(), name, colour)  # noqa: DTZ005
