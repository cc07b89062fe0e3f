"""The number of the last event that the current request appended to its account's log.

A write answers with it (`X-Account-Seq`), so that a client knows which event of its stream holds
what it has just done. Kept by thread or task: a request is handled in one of them.
"""

from contextvars import ContextVar

_appended: ContextVar[tuple[int, int]] = ContextVar("appended", default=(0, 0))  # login, seq


def reset_appended_seq() -> None:
    """Forget what was appended: a request begins in this thread, or runs again as a whole."""
    _appended.set((0, 0))


def set_appended_seq(login: int, seq: int) -> None:
    """Note that the request appended an event, which left the login's log at `seq`."""
    _appended.set((login, seq))


def get_appended_seq(login: int) -> int:
    """Return the login's seq after the request's last event; 0 where it appended none."""
    owner, seq = _appended.get()
    return seq if owner == login else 0
