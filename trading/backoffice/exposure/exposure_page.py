"""The admin page of the exposure, whose tiles follow the market."""

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from backoffice.widgets.dashboard import DashboardTile
from core.users import signed_in_user
from trading.backoffice.exposure import exposure_tiles

PERMISSION = "trading.view_exposure"
EXPOSURE_TILES = (
    DashboardTile(
        "exposure_totals", "All symbols", PERMISSION, exposure_tiles.totals_tile,
        wide=True, on_dashboard=False,
    ),
    DashboardTile("exposure", "Exposure", PERMISSION, exposure_tiles.exposure_tile, wide=True),
    DashboardTile(
        "exposure_what_if", "If a symbol moves", PERMISSION, exposure_tiles.what_if_tile,
        wide=True, on_dashboard=False,
    ),
    DashboardTile(
        "exposure_groups", "By account group", PERMISSION, exposure_tiles.groups_tile,
        wide=True, on_dashboard=False,
    ),
)  # fmt: skip


def exposure_routes(site: AdminSite) -> list[URLPattern]:
    """Return the route of the page, to be put before those of the list."""
    page = site.admin_view(lambda request: exposure_page(request, site))
    return [path("exposure/", page, name="trading_exposure")]


@require_safe
def exposure_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Return the page without its tiles, which it asks for.

    Raises:
        PermissionDenied: the user may not see the exposure.
    """
    if not signed_in_user(request).has_perm(PERMISSION):
        raise PermissionDenied
    query = urlencode([("tile", tile.key) for tile in EXPOSURE_TILES])
    context = {
        **site.each_context(request),
        "title": "Exposure",
        "tiles": [(tile, ()) for tile in EXPOSURE_TILES],
        "address": f"{reverse('dashboard_data')}?{query}",
    }
    return TemplateResponse(request, "backoffice/live_page.html", context)
