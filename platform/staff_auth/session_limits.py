"""The limits of a staff session: its idle time, and its whole age.

The session's row is written every WRITE_INTERVAL seconds at most, not with each page.
"""

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from core.clock import now
from core.users import User

STARTED_KEY, LAST_ACTIVE_KEY = "began", "seen"  # unix seconds
SECOND_FACTOR_KEY = "factor"  # whether the sign-in used a second factor
WRITE_INTERVAL = 15  # seconds


def start_session(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    """Record the start of a session (receiver of Django's `user_logged_in`)."""
    request.session[STARTED_KEY] = request.session[LAST_ACTIVE_KEY] = now()
    request.session[SECOND_FACTOR_KEY] = getattr(user, "came_by_factor", False)


def has_expired(session: SessionBase) -> bool:
    """Return whether the session was idle for too long or is too old."""
    current = now()
    started, last_active = session.get(STARTED_KEY, current), session.get(LAST_ACTIVE_KEY, current)
    return bool(
        current - last_active >= settings.STAFF_IDLE_MINUTES * 60
        or current - started >= settings.STAFF_SESSION_HOURS * 3600
    )


def mark_active(session: SessionBase) -> None:
    """Record that the user is active; a session without a start starts now."""
    current = now()
    session.setdefault(STARTED_KEY, current)
    if current - session.get(LAST_ACTIVE_KEY, 0) >= WRITE_INTERVAL:
        session[LAST_ACTIVE_KEY] = current


def connect_signals() -> None:
    """Connect `start_session` to Django's signal."""
    user_logged_in.connect(start_session, dispatch_uid="staff_auth.session_limits")
