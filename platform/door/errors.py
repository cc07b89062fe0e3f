"""What the staff's door refuses."""

from core.errors import Denied


class NotKnown(Denied):
    """One refusal for whatever was wrong; `outcome` says in the log what it was."""

    code = "USER_NOT_FOUND_OR_INCORRECT"
    default = "the login is unknown or the password is wrong"
    outcome = code


class WrongCode(NotKnown):
    outcome = "WRONG_CODE"


class WrongPassword(NotKnown):
    """Somebody who is in gave a wrong one as the proof."""

    outcome = "WRONG_PASSWORD"


class NotStaff(NotKnown):
    outcome = "NOT_STAFF"


class Disabled(NotKnown):
    outcome = "USER_DISABLED"


class Shut(NotKnown):
    """Too many failed tries."""

    outcome = "LOCKED_OUT"


class NoFactor(Denied):
    """The platform wants a second factor that this staff member does not have yet."""

    default = "a second factor is required: sign in at /admin/ and set it up"
    outcome = "NO_SECOND_FACTOR"
