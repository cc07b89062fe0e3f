"""The admin page of the feed's health, below the newest quotes."""

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
from core.clock import now_ms
from market import feed_health
from market.enums import Refusal
from market.feed_health import SymbolHealth

RIGHT = "market.view_lastquote"
SHOWN = (
    Refusal.CROSSED, Refusal.BAD_PRICE, Refusal.FILTERED, Refusal.HELD, Refusal.OUT_OF_ORDER,
    Refusal.OLD,
)  # fmt: skip
COLUMNS = (
    "Symbol", "State", "#Newest quote", "#Bid", "#Ask", "#Spread, points", "#Crossed", "#Bad price",
    "#Filtered", "#Held", "#Out of order", "#Old", "#Rounded", "#Gaps", "#Longest gap",
)  # fmt: skip


def build(_user: Any) -> list[Part]:
    """Return all symbols as a table, those without tradable quotes first."""
    symbols = sorted(feed_health.read(), key=lambda one: (not one.all_refused, not one.stale))
    stale = sum(one.stale for one in symbols)
    barred = sum(one.all_refused is not None for one in symbols)
    return [
        parts.figures(
            ("Symbols", f"{len(symbols)}"),
            ("Silent in an open market", f"{stale}", "bad" if stale else "good"),
            ("All quotes refused", f"{barred}", "bad" if barred else "good"),
            ("Quotes of unknown symbols", f"{feed_health.unknown():,}"),
        ),
        parts.table(COLUMNS, map(row, symbols), empty="No symbols"),
        parts.note("Counts since Redis was new; a gap is counted when quotes come again."),
        parts.note(
            "Held: jumped after a silence, a start or an opening, and was not yet confirmed."
        ),
        parts.note(
            "Old: too late to be traded, only in charts. Rounded: more decimals than digits."
        ),
    ]


def row(one: SymbolHealth) -> list[Cell]:
    """Return a symbol's row of the table."""
    tone = "bad" if one.stale or one.all_refused else ""
    age = NOTHING if one.age is None else ago(one.age)
    return [
        parts.cell(one.symbol, href=reverse("admin:market_symbol_change", args=[one.symbol])),
        parts.cell(state(one), tone=tone),
        parts.cell(age, tone=tone),
        *(NOTHING if price is None else f"{price:.{one.digits}f}" for price in one.prices),
        NOTHING if one.spread is None else f"{one.spread:,.1f}",
        *(f"{one.refused[reason]:,}" for reason in SHOWN),
        parts.cell(f"{one.rounded:,}", tone="warn" if one.rounded else ""),
        parts.cell(f"{one.gaps:,}", tone="warn" if one.gaps else ""),
        ago(one.longest_gap) if one.gaps else NOTHING,
    ]


def state(one: SymbolHealth) -> str:
    """Return open, closed, silent, or why all quotes are refused and for how long."""
    if one.all_refused is not None:
        return f"all {one.all_refused.reason} for {ago(now_ms() - one.all_refused.since)}"
    if one.stale:
        return "silent"
    return "open" if one.open else "closed"


TILE = Tile("health", "Feed health by symbol", RIGHT, build, wide=True)


def routes(site: Any) -> list[URLPattern]:
    """Return the routes of the page and its data, to be put before those of the list."""
    view = site.admin_view
    return [
        path("health/", view(lambda request: page(request, site)), name="market_feed_health"),
        path("health/data", view(data), name="market_feed_health_data"),
    ]


@require_safe
def page(request: HttpRequest, site: Any) -> HttpResponse:
    """Return the page with an empty table, which its script fills."""
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
    """Return the table's content as JSON."""
    _may(request)
    return answer({TILE.key: TILE.content(request.user)})


def _may(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the user may see the newest quotes."""
    user: Any = request.user
    if not user.has_perm(RIGHT):
        raise PermissionDenied
