"""The checks of a staff sign-in after the password, for backoffice and REST API."""

from typing import Any

from audit.recording import AnyRequest
from core.client_address import get_client_network
from door import factors, lockout
from door.errors import Disabled, NoFactor, NotKnown, NotStaff, Shut, WrongCode


def check_staff(request: AnyRequest, user: Any, code: str) -> bool:
    """Check a sign-in of staff over REST; return whether a second factor was verified.

    Raises:
        LockedOut, WrongCode: clients cannot tell them from a wrong password.
        SecondFactorRequired: one is required, and only the backoffice can set it up.
    """
    if lockout.shut_until(user.pk, get_client_network(request)):
        raise Shut
    by_factor = _coded(user, code)
    if factors.required(user) and not by_factor:
        raise NoFactor
    return by_factor


def check_backoffice(user: Any, code: str) -> bool:
    """Check a backoffice sign-in; return whether a second factor was verified.

    `user` is None after a wrong password. Staff without a factor have to set it up
    afterwards.

    Raises:
        SignInRefused: or one of its kinds, which look alike to the client.
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
