"""Refusals of staff authentication."""

from core.errors import Denied


class SignInRefused(Denied):
    """One refusal for every reason; only the log tells them apart, by `outcome`."""

    code = "USER_NOT_FOUND_OR_INCORRECT"
    default = "the login is unknown or the password is wrong"
    outcome = code


class WrongCode(SignInRefused):
    outcome = "WRONG_CODE"


class WrongPassword(SignInRefused):
    """A signed-in user gave a wrong password as a proof."""

    outcome = "WRONG_PASSWORD"


class NotStaff(SignInRefused):
    outcome = "NOT_STAFF"


class StaffDisabled(SignInRefused):
    outcome = "USER_DISABLED"


class LockedOut(SignInRefused):
    """Too many failed attempts."""

    outcome = "LOCKED_OUT"


class SecondFactorRequired(Denied):
    """The staff member must have a second factor and has none yet."""

    default = "a second factor is required: sign in at /admin/ and set it up"
    outcome = "NO_SECOND_FACTOR"
