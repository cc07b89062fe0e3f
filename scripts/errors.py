"""Errors of scripts."""

from core.errors import Invalid, NotFound


class ScriptNotFound(NotFound):
    code = "SCRIPT_NOT_FOUND"
    default = "there is no such script"


class TooManyScripts(Invalid):
    default = "the login keeps as many scripts as it may"
