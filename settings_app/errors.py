"""What settings refuse."""

from core.errors import Invalid


class TooManySettings(Invalid):
    default = "the login keeps as many settings as it may"
