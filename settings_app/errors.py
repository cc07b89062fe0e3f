"""Errors of settings."""

from core.errors import Invalid


class TooManySettings(Invalid):
    default = "the login keeps as many settings as it may"
