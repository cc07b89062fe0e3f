"""Locks on LOCAL_DIR, held by the kernel: a killed process leaves no stale lock."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import CannotStart
from runtime.paths import LocalPaths

WAIT_FOR_EARLIER_RUN = 20.0  # seconds until the servers of a killed run must have ended


@contextmanager
def claim_local_dir(paths: LocalPaths) -> Iterator[None]:
    """Hold the lock of the only run on this LOCAL_DIR (context manager).

    Raises:
        CannotStart: another run holds it.
    """
    paths.create_folders()
    with _hold_lock(
        paths.root / "run.lock", 0.0, f"already running on {paths.root}; set LOCAL_DIR"
    ):
        yield


@contextmanager
def lock_servers(paths: LocalPaths) -> Iterator[int]:
    """Yield the descriptor of a lock that the servers inherit and hold while any lives.

    Whoever gets the lock knows that no server of an earlier run is left.

    Raises:
        CannotStart: such servers did not end in time.
    """
    message = f"the servers of an earlier run are still ending in {paths.root}; try again"
    with _hold_lock(paths.root / "servers.lock", WAIT_FOR_EARLIER_RUN, message) as descriptor:
        yield descriptor


@contextmanager
def _hold_lock(path: Path, timeout: float, message: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + timeout
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise CannotStart(message)
            time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)  # never LOCK_UN: that would unlock it for the children as well


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
