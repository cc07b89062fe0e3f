"""Live tiles of a row's page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from backoffice.widgets.panel import PageElement
from backoffice.widgets.tile_content import TileSection, build_or_explain


@dataclass(frozen=True, slots=True)
class LiveTile(PageElement):
    """A card above the form, filled and refreshed without loading the page again.

    `build` returns the tile sections of one object, see `backoffice.widgets.tile_content`.
    """

    model: str
    key: str
    title: str
    permission: str
    build: Callable[[HttpRequest, Any], list[TileSection]]
    wide: bool = False

    def content(self, request: HttpRequest, obj: Any) -> list[TileSection]:
        """Return the sections, or a note why there are none."""
        return build_or_explain(lambda: self.build(request, obj))
