"""How staff come in: the password, the lock-out and the second factor, for both doors."""

from typing import Any

from audit.recording import AnyRequest
from core.client_address import get_client_network
from door import factors, lockout
from door.errors import Disabled, NoFactor, NotKnown, NotStaff, Shut, WrongCode


def check_staff(request: AnyRequest, user: Any, code: str) -> bool:
    """Whether a staff member who knows the password came over REST by a second factor.

    Raises:
        Shut, WrongCode: told as a wrong password would be.
        NoFactor: one is required, and only the backoffice can set it up.
    """
    if lockout.shut_until(user.pk, get_client_network(request)):
        raise Shut
    by_factor = _coded(user, code)
    if factors.required(user) and not by_factor:
        raise NoFactor
    return by_factor


def check_backoffice(user: Any, code: str) -> bool:
    """Whether who gave these came in by a second factor; without one it is asked for inside.

    Raises:
        NotKnown: or one of its kinds: all are told alike.
    """
    if user is None:
        raise NotKnown
    if not user.is_staff:
        raise NotStaff
    if not user.is_active:
        raise Disabled
    return _coded(user, code)


def _coded(user: Any, code: str) -> bool:
    if not factors.has(user):
        return False
    if not factors.takes(user, code):
        raise WrongCode
    return True
