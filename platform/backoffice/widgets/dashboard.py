"""The dashboard: tiles that the apps declare, and the response that fills them.

Apps declare them as `dashboard_tiles` (`core.sections`). The page holds an empty card for each
tile that the user may see; htmx asks `tiles_data` every few seconds for their contents.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backoffice.widgets.client_header import ClientHeader
from backoffice.widgets.content import Content
from backoffice.widgets.live_tile import LiveTile, build_or_explain
from core.clock import now
from core.sections import load_items
from core.users import StaffRequest, User, signed_in_user


@dataclass(frozen=True, slots=True)
class DashboardTile:
    """A card; `build` returns its contents for a staff user who has the permission.

    One that is not `on_dashboard` is on another page, which asks `tiles_data` for it by its key.
    """

    key: str
    title: str
    permission: str
    build: Callable[[User], list[Content]]
    wide: bool = False
    on_dashboard: bool = True
    is_first: bool = False
    may_see: Callable[[User], bool] | None = None  # instead of the permission

    def is_visible_to(self, user: User) -> bool:
        """Return whether the user may see it."""
        return self.may_see(user) if self.may_see else user.has_perm(self.permission)

    def content(self, user: User) -> list[Content]:
        """Return the contents, or a note why there are none."""
        return build_or_explain(lambda: self.build(user))


def visible_tiles(user: User) -> list[DashboardTile]:
    """Return the tiles that the user may see, in the order of the apps after the first one."""
    all_tiles: list[DashboardTile] = load_items("dashboard_tiles")
    ordered = sorted(all_tiles, key=lambda tile: not tile.is_first)
    return [tile for tile in ordered if tile.is_visible_to(user)]


@require_safe
@never_cache
def tiles_data(request: StaffRequest) -> HttpResponse:
    """Return the contents of the dashboard's tiles, or of those that `tile` names."""
    user, keys = request.user, request.GET.getlist("tile")
    chosen = [
        tile for tile in visible_tiles(user) if (tile.key in keys if keys else tile.on_dashboard)
    ]
    return tiles_response(((tile, tile.content(user)) for tile in chosen), user)


def tiles_response(
    tiles: Iterable[tuple[DashboardTile | LiveTile, Sequence[Content]]],
    user: User,
    client: ClientHeader | None = None,
) -> HttpResponse:
    """Return the tiles with their contents as HTML, which replaces what `live.html` holds.

    The badges and figures of the page's client header are replaced as well. Only what `user`
    can open is a link.
    """
    time = f"{datetime.fromtimestamp(now(), UTC):%H:%M:%S} UTC"
    context = {"tiles": tiles, "user": user, "time": time, "client": client}
    return HttpResponse(render_to_string("backoffice/live_tiles.html", context))


def dashboard_context(request: HttpRequest, context: dict[str, object]) -> dict[str, object]:
    """Return the context of the admin's first page with its tiles (unfold's hook)."""
    empty = [(tile, ()) for tile in visible_tiles(signed_in_user(request)) if tile.on_dashboard]
    return {**context, "title": "Dashboard", "tiles": empty}
