"""Live tiles: those of a row's page, and what all tiles do without Redis."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from redis.exceptions import RedisError

from backoffice.widgets.content import Content, Note
from backoffice.widgets.panel import PageElement


@dataclass(frozen=True, slots=True)
class LiveTile(PageElement):
    """A card above the form, filled and refreshed without loading the page again.

    `build` returns the contents of one object's tile.
    """

    model: str
    key: str
    title: str
    permission: str
    build: Callable[[HttpRequest, Any], list[Content]]
    wide: bool = False

    def content(self, request: HttpRequest, obj: object) -> list[Content]:
        """Return the contents, or a note why there are none."""
        return build_or_explain(lambda: self.build(request, obj))


def build_or_explain(build: Callable[[], list[Content]]) -> list[Content]:
    """Return what `build` returns, or a note that Redis does not answer."""
    try:
        return build()
    except RedisError:
        return [Note("Redis does not answer", "bad")]
