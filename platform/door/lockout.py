"""After too many failed tries the door is shut for a login, whether it exists or not.

Counted from the log of sign-ins; whoever came in, or was let in by an administrator, begins anew.
"""

from django.conf import settings
from django.db.models import QuerySet

from audit.models import SignIn
from audit.recording import OK
from core.clock import now_ms
from door.errors import Shut

ANYWHERE = 4  # times as many tries, from whatever address
UNLOCKED = "UNLOCKED"
ANEW = (OK, UNLOCKED)  # outcomes after which the count begins again
MINUTE = 60_000  # ms


def shut_until(login: int, address: str) -> int:
    """Unix ms until when the door is shut for this login and address; 0: it is open."""
    tries: int = settings.STAFF_LOCKOUT_TRIES
    if not tries:
        return 0
    failed = failures(login)
    from_here = _nth(failed.filter(address=address), tries)
    return max(from_here, _nth(failed, tries * ANYWHERE))


def shut(login: int) -> bool:
    """Whether the door is shut for this login to anybody."""
    tries: int = settings.STAFF_LOCKOUT_TRIES
    addresses = failures(login).order_by().values_list("address", flat=True).distinct()
    return bool(tries) and any(shut_until(login, address) for address in addresses)


def unlock(login: int) -> None:
    """Let the login begin anew, from wherever it tries."""
    SignIn.objects.create(time=now_ms(), login=login, door=SignIn.Door.ADMIN, outcome=UNLOCKED)


def failures(login: int) -> QuerySet[SignIn]:
    """The failed tries that count, newest first."""
    since = now_ms() - settings.STAFF_LOCKOUT_MINUTES * MINUTE
    tries = SignIn.objects.filter(login=login, time__gt=since).order_by("-time", "-id")
    anew = tries.filter(outcome__in=ANEW).first()
    if anew is not None:
        tries = tries.filter(time__gte=anew.time, id__gt=anew.pk)
    return tries.exclude(outcome__in=(*ANEW, Shut.outcome))


def _nth(failed: QuerySet[SignIn], number: int) -> int:
    times = list(failed.values_list("time", flat=True)[number - 1 : number])
    return times[0] + settings.STAFF_LOCKOUT_MINUTES * MINUTE if times else 0
