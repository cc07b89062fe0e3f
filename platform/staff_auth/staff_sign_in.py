"""The checks of a staff sign-in after the password, for backoffice and REST API."""

from audit.recording import AnyRequest
from core.client_address import get_client_network
from core.users import User
from staff_auth import lockout, second_factor
from staff_auth.errors import (
    LockedOut,
    NotStaff,
    SecondFactorRequired,
    SignInRefused,
    StaffDisabled,
    WrongCode,
)


def check_api_sign_in(request: AnyRequest, user: User, code: str) -> bool:
    """Check a sign-in of staff over REST; return whether a second factor was verified.

    Raises:
        LockedOut, WrongCode: clients cannot tell them from a wrong password.
        SecondFactorRequired: one is required, and only the backoffice can set it up.
    """
    if lockout.locked_out_until(user.pk, get_client_network(request)):
        raise LockedOut
    by_factor = _verify_code(user, code)
    if second_factor.is_required(user) and not by_factor:
        raise SecondFactorRequired
    return by_factor


def check_backoffice_sign_in(user: User | None, code: str) -> bool:
    """Check a backoffice sign-in; return whether a second factor was verified.

    `user` is None after a wrong password. Staff without a factor have to set it up
    afterwards.

    Raises:
        SignInRefused: or one of its kinds, which look alike to the client.
    """
    if user is None:
        raise SignInRefused
    if not user.is_staff:
        raise NotStaff
    if not user.is_active:
        raise StaffDisabled
    return _verify_code(user, code)


def _verify_code(user: User, code: str) -> bool:
    if not second_factor.is_enrolled(user):
        return False
    if not second_factor.accept_code(user, code):
        raise WrongCode
    return True
