"""A private server of this run that neither answers nor hangs up while the block runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGSTOP

from runtime.paths import configured_paths


@contextmanager
def stalled(server: str) -> Iterator[None]:
    """Stop `postgres` or `redis` with all its children by SIGSTOP while the block runs."""
    first = int((configured_paths().pids / server).read_text())
    stopped = []
    try:
        for pid in [first, *descendants(first)]:
            os.kill(pid, SIGSTOP)
            stopped.append(pid)
        yield
    finally:
        for pid in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(pid, SIGCONT)


def descendants(pid: int) -> list[int]:
    """Return its children, and theirs."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                child = int(status.parent.name)
                found += [child, *descendants(child)]
    return found
