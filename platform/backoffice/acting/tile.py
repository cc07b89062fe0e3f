"""What is shown live on a row's page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from backoffice.acting.panel import OnPage
from backoffice.tile_parts import Part, parts_or_why


@dataclass(frozen=True, slots=True)
class LiveTile(OnPage):
    """A card above the form that is filled, and kept current, without loading the page again.

    `build` answers the parts of `backoffice.tile_parts` for one row.
    """

    model: str
    key: str
    title: str
    right: str
    build: Callable[[HttpRequest, Any], list[Part]]
    wide: bool = False

    def content(self, request: HttpRequest, row: Any) -> list[Part]:
        """The parts, or a line that says why there are none."""
        return parts_or_why(lambda: self.build(request, row))
