"""Lockout of a network from a login after too many failed attempts.

The login need not exist. Attempts are counted in the log of sign-ins, since the last
success or unlocking. All networks are locked out together only by attempts that no stranger
can make: with a wrong code after the right password, or from within a session. Strangers
are slowed down (`staff_auth.slowdown`).
"""

from collections.abc import Collection

from django.conf import settings
from django.db.models import QuerySet

from audit.models import SignIn
from audit.recording import OK
from core.clock import MINUTE_MS, now_ms
from core.users import User
from staff_auth import slowdown
from staff_auth.errors import LockedOut, WrongCode, WrongPassword

ALL_NETWORKS_FACTOR = 4  # times as many attempts, over all networks
INSIDER_OUTCOMES = (WrongCode.outcome, WrongPassword.outcome)
UNCOUNTED_OUTCOMES = (LockedOut.outcome, slowdown.SlowedDown.outcome)  # no password was checked
UNLOCKED = "UNLOCKED"
RESET_OUTCOMES = (OK, UNLOCKED)  # outcomes that end the count


def locked_out_until(login: int, network: str) -> int:
    """Return until when the login is locked out for this network, in unix ms; 0 if it is not.

    `network` is that of `get_client_network`.
    """
    tries: int = settings.STAFF_LOCKOUT_TRIES
    if not tries:
        return 0
    failed = counted_failures(login)
    until = _lockout_end(failed.filter(network=network), tries)
    return max(
        until,
        _lockout_end(failed.filter(outcome__in=INSIDER_OUTCOMES), tries * ALL_NETWORKS_FACTOR),
    )


def is_blocked(user: User) -> bool:
    """Return whether failed attempts lock out or slow down the user in any network."""
    networks = _failed_networks(user.pk)
    if slowdown.is_slowed_down(user.pk, networks):
        return True
    return user.is_staff and any(locked_out_until(user.pk, each) for each in networks)


def find_blocked(users: Collection[User]) -> list[User]:
    """Return those of the users who are blocked; those without a failure cost no query."""
    logins = [user.pk for user in users]
    failing = set(_recent_failures().filter(login__in=logins).values_list("login", flat=True))
    return [user for user in users if user.pk in failing and is_blocked(user)]


def unlock_login(login: int) -> None:
    """Let the login sign in from anywhere again, as if nothing had failed."""
    slowdown.reset_failures(login)
    SignIn.objects.create(time=now_ms(), login=login, door=SignIn.Door.ADMIN, outcome=UNLOCKED)


def counted_failures(login: int) -> QuerySet[SignIn]:
    """Return the failed attempts that count, newest first."""
    since = now_ms() - settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS
    attempts = SignIn.objects.filter(login=login, time__gt=since).order_by("-time", "-id")
    last_reset = attempts.filter(outcome__in=RESET_OUTCOMES).first()
    if last_reset is not None:
        attempts = attempts.filter(time__gte=last_reset.time, id__gt=last_reset.pk)
    return attempts.exclude(outcome__in=(*RESET_OUTCOMES, *UNCOUNTED_OUTCOMES))


def _failed_networks(login: int) -> list[str]:
    """Return the networks from which the login has failed within any counted time.

    Failures before a success are included: a success does not reset the slow-down.
    """
    failed = _recent_failures().filter(login=login)
    return list(failed.values_list("network", flat=True).distinct())


def _recent_failures() -> QuerySet[SignIn]:
    """Return the failed attempts within any counted time."""
    period = max(settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS, slowdown.NETWORK_RULE.period * 1000)
    attempts = SignIn.objects.filter(time__gt=now_ms() - period)
    return attempts.exclude(outcome__in=(*RESET_OUTCOMES, *UNCOUNTED_OUTCOMES)).order_by()


def _lockout_end(failed: QuerySet[SignIn], number: int) -> int:
    """Return when the lockout by `number` failures ends (unix ms), 0 if they are fewer."""
    times = list(failed.values_list("time", flat=True)[number - 1 : number])
    return times[0] + settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS if times else 0
