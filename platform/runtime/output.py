"""The output of `up`: one stream of lines, each with its time and process."""

import datetime
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Queue
from typing import IO, TextIO

from honcho.printer import Message, Printer

OWN_NAME = "up"


class ProcessOutput:
    """Collects the lines of all processes; only the main thread prints them."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._printer = Printer(stream or sys.stdout, width=8)
        self._stream = stream or sys.stdout
        self._lines: Queue[Message] = Queue()

    def follow_pipe(self, pipe: IO[bytes], name: str, colour: str) -> threading.Thread:
        """Start a thread that queues every line of `pipe`; it ends with the pipe."""

        def read_lines() -> None:
            with pipe:
                for line in pipe:
                    self._lines.put(_make_message(line, name, colour))

        thread = threading.Thread(target=read_lines, name=f"lines of {name}", daemon=True)
        thread.start()
        return thread

    def print_pending(self, timeout: float) -> None:
        """Print the queued lines; wait at most `timeout` seconds for the first."""
        with suppress(Empty):
            self._print(self._lines.get(timeout=timeout))
            while True:
                self._print(self._lines.get_nowait())

    def print_own_line(self, text: str) -> None:
        """Print a line of `up` itself, after all that are queued."""
        self._lines.put(_make_message(text, OWN_NAME, ""))
        self.print_pending(0)

    def print_plain(self, text: str) -> None:
        """Print text without time and name, after all that are queued."""
        self.print_pending(0)
        self._write(lambda: print(text, file=self._stream, flush=True))

    def _print(self, message: Message) -> None:
        self._write(lambda: self._printer.write(message))

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError:  # nobody reads any more, but the processes must still be ended properly
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def _make_message(data: bytes | str, name: str, colour: str) -> Message:
    return Message("line", data, datetime.datetime.now(), name, colour)  # noqa: DTZ005
