"""The kinds of everything that a rule can refuse. A section's errors give them a code.

Raised where the rule is, caught nowhere, rendered by the one handler of the API: no HTTP
here.
"""

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

# A server does not answer, is full or has no connection left. The write may have been done if its
# commit failed: a repeat with the same Idempotency-Key shows it.
UNAVAILABLE_ERRORS = (OperationalError, InterfaceError, RedisError)


class BrokerError(Exception):
    """A refusal with a stable `code` that clients match on and a message for people.

    `form_message` is for staff at a form, where its units and names differ from the API's; else it
    is the message as a sentence.
    `field` is what it is about, in the contract's words (`sl`); empty for the request as a whole.
    """

    code = "INTERNAL_ERROR"
    default = "something went wrong"
    field = ""

    def __init__(
        self, message: str | None = None, *, form_message: str = "", field: str = ""
    ) -> None:
        self.message = message or self.default
        self.form_message = form_message or as_sentence(self.message)
        self.field = field or self.field
        super().__init__(self.message)


def as_sentence(message: str) -> str:
    """Return a message with a capital and a full stop."""
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "?", "!")) else ".")


class Invalid(BrokerError):
    """The request itself is wrong."""

    code = "INVALID_DATA"
    default = "the request is not valid"


class InvalidLogin(Invalid):
    """A staff session did not name the account that the request is about."""

    code = "INVALID_LOGIN"
    default = "login: a staff session must name the account"


class InvalidUser(Invalid):
    """The login that the request names has no account."""

    code = "INVALID_USER"
    default = "there is no such account"


class Unauthenticated(BrokerError):
    """There is no valid session."""

    code = "PERMISSION_DENIED"
    default = "a valid session is required"


class Denied(BrokerError):
    """The session may not do this."""

    code = "PERMISSION_DENIED"
    default = "not allowed"


class NotFound(BrokerError):
    """The thing does not exist."""

    code = "NOT_FOUND"
    default = "not found"


class Refused(BrokerError):
    """Understood and allowed, but the state of affairs forbids it."""

    code = "REFUSED"
    default = "refused"


class TooFrequent(BrokerError):
    """Asked more often than the limit allows."""

    code = "RET_TOO_FREQUENT"
    default = "too many requests"

    def __init__(self, message: str | None = None, wait: float = 0) -> None:
        """Set `wait`, the seconds until the request may be repeated, 0 where that is unknown."""
        super().__init__(message)
        self.wait = wait


class Unavailable(BrokerError):
    """Not possible at the moment; the same request may succeed later."""

    code = "UNAVAILABLE"
    default = "try again later"
