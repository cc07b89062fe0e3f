"""The refusal of a picture."""

from core.errors import Invalid


class InvalidPicture(Invalid):
    code = "INVALID_AVATAR"
    default = "file: must be a picture: png, jpg, webp or gif"
