"""The limits of a staff session: its idle time, and its whole age.

The session's row is written every WRITE_INTERVAL seconds at most, not with each page.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from core.clock import now

BEGAN, SEEN = "began", "seen"  # unix seconds
FACTOR = "factor"  # whether the sign-in used a second factor
SLACK = 15  # seconds


def begin(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Record the start of a session (receiver of Django's `user_logged_in`)."""
    request.session[BEGAN] = request.session[SEEN] = now()
    request.session[FACTOR] = getattr(user, "came_by_factor", False)


def over(session: SessionBase) -> bool:
    """Return whether the session was idle for too long or is too old."""
    time = now()
    began, seen = session.get(BEGAN, time), session.get(SEEN, time)
    return bool(
        time - seen >= settings.STAFF_IDLE_MINUTES * 60
        or time - began >= settings.STAFF_SESSION_HOURS * 3600
    )


def seen(session: SessionBase) -> None:
    """Record that the user is active; a session without a start starts now."""
    time = now()
    session.setdefault(BEGAN, time)
    if time - session.get(SEEN, 0) >= SLACK:
        session[SEEN] = time


def watch() -> None:
    """Connect `start_session` to Django's signal."""
    user_logged_in.connect(begin, dispatch_uid="door.sessions")
