"""Lockout of a network from a login after too many failed attempts.

The login need not exist. Attempts are counted in the log of sign-ins, since the last
success or unlocking. All networks are locked out together only by attempts that no stranger
can make: with a wrong code after the right password, or from within a session. Strangers
are slowed down (`door.slowdown`).
"""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from audit.models import SignIn
from audit.recording import OK
from core.clock import MINUTE_MS, now_ms
from door import slowdown
from door.errors import Shut, WrongCode, WrongPassword

ANYWHERE = 4  # times as many attempts, over all networks
NO_STRANGER = (WrongCode.outcome, WrongPassword.outcome)
NO_TRY = (Shut.outcome, slowdown.Slowed.outcome)  # no password was checked
UNLOCKED = "UNLOCKED"
ANEW = (OK, UNLOCKED)  # outcomes that end the count


def shut_until(login: int, network: str) -> int:
    """Return until when the login is locked out for this network, in unix ms; 0 if it is not.

    `network` is that of `get_client_network`.
    """
    tries: int = settings.STAFF_LOCKOUT_TRIES
    if not tries:
        return 0
    failed = failures(login)
    from_here = _nth(failed.filter(network=network), tries)
    return max(from_here, _nth(failed.filter(outcome__in=NO_STRANGER), tries * ANYWHERE))


def blocked(user: Any) -> bool:
    """Return whether failed attempts lock out or slow down the user in any network."""
    networks = _networks(user.pk)
    if slowdown.is_slowed(user.pk, networks):
        return True
    return user.is_staff and any(shut_until(user.pk, each) for each in networks)


def unlock(login: int) -> None:
    """Let the login sign in from anywhere again, as if nothing had failed."""
    slowdown.forget_failures(login)
    SignIn.objects.create(time=now_ms(), login=login, door=SignIn.Door.ADMIN, outcome=UNLOCKED)


def failures(login: int) -> QuerySet[SignIn]:
    """Return the failed attempts that count, newest first."""
    since = now_ms() - settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS
    tries = SignIn.objects.filter(login=login, time__gt=since).order_by("-time", "-id")
    anew = tries.filter(outcome__in=ANEW).first()
    if anew is not None:
        tries = tries.filter(time__gte=anew.time, id__gt=anew.pk)
    return tries.exclude(outcome__in=(*ANEW, *NO_TRY))


def _networks(login: int) -> list[str]:
    """Return the networks from which the login has failed within any counted time.

    Failures before a success are included: a success does not reset the slow-down.
    """
    counted = max(settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS, slowdown.HERE.period * 1000)
    tries = SignIn.objects.filter(login=login, time__gt=now_ms() - counted)
    failed = tries.exclude(outcome__in=(*ANEW, *NO_TRY))
    return list(failed.order_by().values_list("network", flat=True).distinct())


def _nth(failed: QuerySet[SignIn], number: int) -> int:
    """Return when the lockout by `number` failures ends (unix ms), 0 if they are fewer."""
    times = list(failed.values_list("time", flat=True)[number - 1 : number])
    return times[0] + settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS if times else 0
