"""The page of the feed's health, below the newest quotes in the admin."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backoffice import tile_parts as parts
from backoffice.columns import NOTHING
from backoffice.dashboard import Tile, answer
from backoffice.tile_parts import Cell, Part, ago
from market import feed_health
from market.enums import Refusal
from market.feed_health import SymbolHealth

RIGHT = "market.view_lastquote"
SHOWN = (Refusal.CROSSED, Refusal.BAD_PRICE, Refusal.FILTERED, Refusal.OUT_OF_ORDER)
COLUMNS = (
    "Symbol", "State", "#Newest quote", "#Bid", "#Ask", "#Spread, points", "#Crossed", "#Bad price",
    "#Filtered", "#Out of order", "#Gaps", "#Longest gap",
)  # fmt: skip


def build(_user: Any) -> list[Part]:
    """All symbols, the silent ones first."""
    symbols = sorted(feed_health.read(), key=lambda one: not one.stale)
    stale = sum(one.stale for one in symbols)
    return [
        parts.figures(
            ("Symbols", f"{len(symbols)}"),
            ("Silent in an open market", f"{stale}", "bad" if stale else "good"),
            ("Quotes of unknown symbols", f"{feed_health.unknown():,}"),
        ),
        parts.table(COLUMNS, map(row, symbols), empty="No symbols"),
        parts.note("Counts since Redis was new; a gap is counted when quotes come again."),
    ]


def row(one: SymbolHealth) -> list[Cell]:
    """A symbol's line of the table."""
    state = "open" if one.open else "closed"
    tone = "bad" if one.stale else ""
    age = NOTHING if one.age is None else ago(one.age)
    return [
        parts.cell(one.symbol, href=reverse("admin:market_symbol_change", args=[one.symbol])),
        parts.cell("silent" if one.stale else state, tone=tone),
        parts.cell(age, tone=tone),
        *(NOTHING if price is None else f"{price:.{one.digits}f}" for price in one.prices),
        NOTHING if one.spread is None else f"{one.spread:,.1f}",
        *(f"{one.refused[reason]:,}" for reason in SHOWN),
        parts.cell(f"{one.gaps:,}", tone="warn" if one.gaps else ""),
        ago(one.longest_gap) if one.gaps else NOTHING,
    ]


TILE = Tile("health", "Feed health by symbol", RIGHT, build, wide=True)


def routes(site: Any) -> list[URLPattern]:
    """The page and its data, to stand before the routes of the list."""
    view = site.admin_view
    return [
        path("health/", view(lambda request: page(request, site)), name="market_feed_health"),
        path("health/data", view(data), name="market_feed_health_data"),
    ]


@require_safe
def page(request: HttpRequest, site: Any) -> HttpResponse:
    """The empty table, which its script fills."""
    _may(request)
    context = {
        **site.each_context(request),
        "title": "Feed health",
        "tiles": [TILE],
        "address": reverse("admin:market_feed_health_data"),
    }
    return TemplateResponse(request, "backoffice/live_page.html", context)


@require_safe
@never_cache
def data(request: HttpRequest) -> JsonResponse:
    """What the table holds."""
    _may(request)
    return answer({TILE.key: TILE.content(request.user)})


def _may(request: HttpRequest) -> None:
    user: Any = request.user
    if not user.has_perm(RIGHT):
        raise PermissionDenied
