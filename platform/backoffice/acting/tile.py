"""Live tiles of a row's page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from backoffice.acting.panel import OnPage
from backoffice.tile_parts import Part, parts_or_why


@dataclass(frozen=True, slots=True)
class LiveTile(OnPage):
    """A card above the form, filled and refreshed without loading the page again.

    `build` returns the tile sections of one object, see `backoffice.tile_parts`.
    """

    model: str
    key: str
    title: str
    right: str
    build: Callable[[HttpRequest, Any], list[Part]]
    wide: bool = False

    def content(self, request: HttpRequest, row: Any) -> list[Part]:
        """Return the sections, or a note why there are none."""
        return parts_or_why(lambda: self.build(request, row))
