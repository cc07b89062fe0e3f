"""Start of child processes: they end with their parent, and PostgreSQL does not run as root."""

import ctypes
import os
import sys
from collections.abc import Callable
from signal import Signals

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
LINUX = sys.platform == "linux"

# Loaded before any fork: between fork and exec only plain calls are safe.
_libc = ctypes.CDLL(None, use_errno=True)
_prctl = _libc.prctl if LINUX else None
_unshare = _libc.unshare if LINUX else None


def make_preexec(signal: Signals, *, leave_root: bool = False) -> Callable[[], None]:
    """Return a `preexec_fn`: the child gets `signal` when the thread that started it ends.

    With `leave_root` it runs as uid 1000 of a user namespace; outside, its files remain
    root's.
    """
    parent = os.getpid()

    def begin() -> None:
        if leave_root:
            _enter_namespace()
        if _prctl is not None:  # after the namespace: changing credentials clears it
            _prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return begin


def _enter_namespace() -> None:
    if _unshare is None or _unshare(CLONE_NEWUSER) != 0:
        raise PermissionError
    for name, text in (("setgroups", b"deny"), ("uid_map", b"1000 0 1"), ("gid_map", b"1000 0 1")):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text)
        os.close(descriptor)
