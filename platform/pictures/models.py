"""Pictures that clients and staff have uploaded, as they are served."""

import uuid
from typing import ClassVar

from django.db import models

STORAGE_FOLDER = "/storage/"  # of the paths under which they are served
FILE_PATTERN = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.[a-z]{3,4})?"
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg"}  # by the types that we encode


class Purpose(models.TextChoices):
    """What a picture is for."""

    ACCOUNT_AVATAR = "account_avatar", "a client's avatar"
    SYMBOL_ICON = "symbol_icon", "a symbol's icon"


class StoredPicture(models.Model):
    """A picture as we have encoded it; nobody can guess its uuid.

    `content` is null where the bytes are in the storage of the settings, under `file_name`.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.BigIntegerField("login of who uploaded it")
    purpose = models.CharField(max_length=16, choices=Purpose)
    original_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=32)
    size = models.PositiveIntegerField("bytes")
    created = models.BigIntegerField("unix seconds")
    content = models.BinaryField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "created"], name="picture_of_owner")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        return f"{self.uuid}.{EXTENSIONS[self.content_type]}"

    @property
    def path(self) -> str:
        """Return the path under which the picture is served."""
        return STORAGE_FOLDER + self.file_name
