"""After too many failed tries a network is shut out of a login, whether it exists or not.

Counted from the log of sign-ins; whoever came in, or was let in by an administrator, begins anew.
From anywhere a login is shut only by tries that no stranger can make: with a wrong code behind the
right password, or from within a session. Strangers are slowed down (`door.slowdown`).
"""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from audit.models import SignIn
from audit.recording import OK
from core.clock import MINUTE_MS, now_ms
from door import slowdown
from door.errors import Shut, WrongCode, WrongPassword

ANYWHERE = 4  # times as many tries, from whatever network
NO_STRANGER = (WrongCode.outcome, WrongPassword.outcome)
NO_TRY = (Shut.outcome, slowdown.Slowed.outcome)  # no password was judged
UNLOCKED = "UNLOCKED"
ANEW = (OK, UNLOCKED)  # outcomes after which the count begins again


def shut_until(login: int, network: str) -> int:
    """Return unix ms until when the login is shut to this client network; 0: it is open."""
    tries: int = settings.STAFF_LOCKOUT_TRIES
    if not tries:
        return 0
    failed = failures(login)
    from_here = _nth(failed.filter(network=network), tries)
    return max(from_here, _nth(failed.filter(outcome__in=NO_STRANGER), tries * ANYWHERE))


def blocked(user: Any) -> bool:
    """Whether somebody's tries keep the user from signing in, somewhere or without a wait."""
    networks = _networks(user.pk)
    if slowdown.is_slowed(user.pk, networks):
        return True
    return user.is_staff and any(shut_until(user.pk, each) for each in networks)


def unlock(login: int) -> None:
    """Let the login begin anew, from wherever it tries."""
    slowdown.forget_failures(login)
    SignIn.objects.create(time=now_ms(), login=login, door=SignIn.Door.ADMIN, outcome=UNLOCKED)


def failures(login: int) -> QuerySet[SignIn]:
    """The failed tries that count, newest first."""
    since = now_ms() - settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS
    tries = SignIn.objects.filter(login=login, time__gt=since).order_by("-time", "-id")
    anew = tries.filter(outcome__in=ANEW).first()
    if anew is not None:
        tries = tries.filter(time__gte=anew.time, id__gt=anew.pk)
    return tries.exclude(outcome__in=(*ANEW, *NO_TRY))


def _networks(login: int) -> list[str]:
    """From where the login has failed, for as long as any count goes back.

    Also before it last came in: that ends no slowing-down.
    """
    counted = max(settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS, slowdown.HERE.period * 1000)
    tries = SignIn.objects.filter(login=login, time__gt=now_ms() - counted)
    failed = tries.exclude(outcome__in=(*ANEW, *NO_TRY))
    return list(failed.order_by().values_list("network", flat=True).distinct())


def _nth(failed: QuerySet[SignIn], number: int) -> int:
    times = list(failed.values_list("time", flat=True)[number - 1 : number])
    return times[0] + settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS if times else 0
