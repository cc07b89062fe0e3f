"""The route that serves uploaded pictures."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.schema.operation import PICTURE_SCHEMA, operation
from core.clock import DAY_S
from core.errors import NotFound, Unavailable
from pictures.models import FILE_PATTERN
from pictures.public_files import PublicFileViewSet, file_response
from pictures.services import find_picture, read_picture

CACHE_SECONDS = 365 * DAY_S  # a uuid always means the same bytes


class StorageViewSet(PublicFileViewSet):
    """Pictures by their uuid, which nobody can guess."""

    @operation(
        "An uploaded picture",
        response=PICTURE_SCHEMA,
        media_type="image/*",
        errors=(NotFound, Unavailable),
    )
    def show(self, request: Request, file: str) -> HttpResponse:
        """Its uuid, with or without an extension; it needs no session."""
        picture = find_picture(self.matched_name(FILE_PATTERN, file)[1])
        if picture is None:
            raise NotFound
        return file_response(read_picture(picture), picture.content_type, CACHE_SECONDS)
