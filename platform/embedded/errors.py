"""Why a start ended: what the person at the terminal reads, as one line."""


class CannotStart(Exception):
    """Something is missing, taken or dead; the message names it and the remedy."""


class Interrupted(Exception):
    """Ctrl-C or SIGTERM came: not an error, everything is to be ended."""
