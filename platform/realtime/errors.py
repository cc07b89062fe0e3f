"""What the stream answers to a first frame that authorizes nobody."""

from core.errors import Denied, Unauthenticated


class InvalidToken(Unauthenticated):
    """The token belongs to no valid session."""

    code = "INVALID_TOKEN"


class UnsupportedSession(Denied):
    """A staff session has no account to follow."""

    code = "UNSUPPORTED_SESSION"
