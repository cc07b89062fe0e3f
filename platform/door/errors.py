"""Refusals of staff authentication."""

from core.errors import Denied


class NotKnown(Denied):
    """One refusal for every reason; only the log tells them apart, by `outcome`."""

    code = "USER_NOT_FOUND_OR_INCORRECT"
    default = "the login is unknown or the password is wrong"
    outcome = code


class WrongCode(NotKnown):
    outcome = "WRONG_CODE"


class WrongPassword(NotKnown):
    """A signed-in user gave a wrong password as a proof."""

    outcome = "WRONG_PASSWORD"


class NotStaff(NotKnown):
    outcome = "NOT_STAFF"


class Disabled(NotKnown):
    outcome = "USER_DISABLED"


class Shut(NotKnown):
    """Too many failed attempts."""

    outcome = "LOCKED_OUT"


class NoFactor(Denied):
    """The staff member must have a second factor and has none yet."""

    default = "a second factor is required: sign in at /admin/ and set it up"
    outcome = "NO_SECOND_FACTOR"
