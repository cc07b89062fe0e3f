"""The dashboard: tiles that the apps declare, and the JSON from which `live.js` draws them.

Apps declare them as `dashboard_tiles` (`core.sections`). The page holds an empty place for each
tile that the user may see; `live.js` asks `tiles_data` every few seconds and fills them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backoffice.tile_parts import Part, parts_or_why
from core.clock import now
from core.sections import load_items


@dataclass(frozen=True, slots=True)
class Tile:
    """A card; `build` returns its sections for a staff user who has the permission.

    One that is not `on_dashboard` is on another page, which asks `tiles_data` for it by its key.
    """

    key: str
    title: str
    permission: str
    build: Callable[[Any], list[Part]]
    wide: bool = False
    on_dashboard: bool = True

    def content(self, user: Any) -> list[Part]:
        """Return the sections, or a note why there are none."""
        return parts_or_why(lambda: self.build(user))


def tiles(user: Any) -> list[Tile]:
    """Return the tiles that the user may see, in the order of the apps."""
    every: list[Tile] = load_items("dashboard_tiles")
    return [tile for tile in every if user.has_perm(tile.permission)]


@require_safe
@never_cache
def data(request: HttpRequest) -> JsonResponse:
    """Return the contents of the dashboard's tiles by key, or of those that `tile` names."""
    wanted = request.GET.getlist("tile")
    found = [
        tile
        for tile in tiles(request.user)
        if (tile.key in wanted if wanted else tile.on_dashboard)
    ]
    return answer({tile.key: tile.content(request.user) for tile in found})


def answer(contents: dict[str, list[Part]]) -> JsonResponse:
    """Return the document that `live.js` draws."""
    time = f"{datetime.fromtimestamp(now(), UTC):%H:%M:%S} UTC"
    return JsonResponse({"time": time, "tiles": contents})


def index(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the admin's first page with its tiles (unfold's hook)."""
    shown = [tile for tile in tiles(request.user) if tile.on_dashboard]
    return {**context, "title": "Dashboard", "tiles": shown}
