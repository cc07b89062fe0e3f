"""Reasons why a start ended, each a line for the terminal."""


class CannotStart(Exception):
    """Something is missing, in use or dead; the message names it and the remedy."""


class Interrupted(Exception):
    """SIGINT, SIGTERM or SIGHUP came: no error, everything is to be ended."""
