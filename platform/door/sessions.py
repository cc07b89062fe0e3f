"""How long a staff member stays signed in: idle only so long, and never longer than a day's work.

The database's row of a session is written at most every SLACK seconds, not with every page.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from core.clock import now

BEGAN, SEEN = "began", "seen"  # unix seconds
FACTOR = "factor"  # whether the session began with a second factor
SLACK = 15  # seconds


def begin(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Django's signal of a sign-in, after it has given the session a new key."""
    request.session[BEGAN] = request.session[SEEN] = now()
    request.session[FACTOR] = getattr(user, "came_by_factor", False)


def over(session: SessionBase) -> bool:
    """Whether the session has been idle, or gone on, for too long."""
    time = now()
    began, seen = session.get(BEGAN, time), session.get(SEEN, time)
    return bool(
        time - seen >= settings.STAFF_IDLE_MINUTES * 60
        or time - began >= settings.STAFF_SESSION_HOURS * 3600
    )


def seen(session: SessionBase) -> None:
    """Somebody is there; one that began before this was counted begins now."""
    time = now()
    session.setdefault(BEGAN, time)
    if time - session.get(SEEN, 0) >= SLACK:
        session[SEEN] = time


def watch() -> None:
    """Be told of sign-ins."""
    user_logged_in.connect(begin, dispatch_uid="door.sessions")
