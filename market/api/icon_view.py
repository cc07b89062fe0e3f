"""The drawn pictures of symbols, which need neither a session nor the database."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.schema.operation import PICTURE_SCHEMA, operation
from core.clock import DAY_S
from core.errors import NotFound
from market.icons import NAME_PATTERN, draw_icon
from pictures.public_files import PublicFileViewSet, file_response


class IconViewSet(PublicFileViewSet):
    """Drawings for symbols without a picture of their own."""

    @operation(
        "A drawn icon", response=PICTURE_SCHEMA, media_type="image/svg+xml", errors=(NotFound,)
    )
    def show(self, request: Request, file: str) -> HttpResponse:
        """As `icon` of a symbol names it; it needs no session."""
        name = self.matched_name(rf"{NAME_PATTERN}\.svg", file)[1]
        return file_response(draw_icon(name).encode(), "image/svg+xml", 7 * DAY_S)
