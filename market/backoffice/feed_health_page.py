"""The admin page of the feed's health, below the newest quotes."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from backoffice.columns import NO_VALUE, format_duration
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from backoffice.widgets.dashboard import DashboardTile, tiles_response
from core.clock import now_ms
from core.users import signed_in_user
from market.backoffice import feed_health
from market.backoffice.feed_health import SymbolHealth
from market.enums import Refusal

PERMISSION = "market.view_lastquote"
REASON_COLUMNS = (
    Refusal.CROSSED, Refusal.BAD_PRICE, Refusal.FILTERED, Refusal.HELD, Refusal.OUT_OF_ORDER,
    Refusal.OLD,
)  # fmt: skip
COLUMNS = (
    "Symbol", "State", "#Newest quote", "#Bid", "#Ask", "#Spread, points", "#Crossed", "#Bad price",
    "#Filtered", "#Held", "#Out of order", "#Old", "#Rounded", "#Gaps", "#Longest gap",
)  # fmt: skip


def build_health_tile(_user: User) -> list[Content]:
    """Return all symbols as a table, those without tradable quotes first."""
    symbols = sorted(
        feed_health.read_feed_health(), key=lambda one: (not one.all_refused, not one.is_stale)
    )
    stale = sum(one.is_stale for one in symbols)
    all_refused = sum(one.all_refused is not None for one in symbols)
    return [
        FigureList(
            [
                ("Symbols", len(symbols)),
                ("Silent in an open market", Cell(stale, tone="bad" if stale else "good")),
                ("All quotes refused", Cell(all_refused, tone="bad" if all_refused else "good")),
                ("Quotes of unknown symbols", f"{feed_health.count_unknown_symbol_quotes():,}"),
            ]
        ),
        Table(COLUMNS, list(map(build_row, symbols)), empty="No symbols"),
        Note("Counts since Redis was new; a gap is counted when quotes come again."),
        Note("Held: jumped after a silence, a start or an opening, and was not yet confirmed."),
        Note("Old: too late to be traded, only in charts. Rounded: more decimals than digits."),
    ]


def build_row(symbol: SymbolHealth) -> list[Cell | str]:
    """Return a symbol's row of the table."""
    tone = "bad" if symbol.is_stale or symbol.all_refused else ""
    age = NO_VALUE if symbol.age is None else format_duration(symbol.age)
    return [
        Cell(symbol.symbol, url=reverse("admin:market_symbol_change", args=[symbol.symbol])),
        Cell(format_state(symbol), tone=tone),
        Cell(age, tone=tone),
        *(NO_VALUE if price is None else f"{price:.{symbol.digits}f}" for price in symbol.prices),
        NO_VALUE if symbol.spread is None else f"{symbol.spread:,.1f}",
        *(f"{symbol.refused[reason]:,}" for reason in REASON_COLUMNS),
        Cell(f"{symbol.rounded:,}", tone="warn" if symbol.rounded else ""),
        Cell(f"{symbol.gaps:,}", tone="warn" if symbol.gaps else ""),
        format_duration(symbol.longest_gap) if symbol.gaps else NO_VALUE,
    ]


def format_state(symbol: SymbolHealth) -> str:
    """Return open, closed, silent, or why all quotes are refused and for how long."""
    if symbol.all_refused is not None:
        since = symbol.all_refused.since
        return f"all {symbol.all_refused.reason} for {format_duration(now_ms() - since)}"
    if symbol.is_stale:
        return "silent"
    return "open" if symbol.is_open else "closed"


TILE = DashboardTile("health", "Feed health by symbol", PERMISSION, build_health_tile, wide=True)


def health_routes(site: AdminSite) -> list[URLPattern]:
    """Return the routes of the page and its data, to be put before those of the list."""
    view = site.admin_view
    return [
        path(
            "health/", view(lambda request: health_page(request, site)), name="market_feed_health"
        ),
        path("health/data", view(health_data), name="market_feed_health_data"),
    ]


@require_safe
def health_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Return the page without the table, which it asks for."""
    _require_permission(request)
    context = {
        **site.each_context(request),
        "title": "Feed health",
        "tiles": [(TILE, ())],
        "address": reverse("admin:market_feed_health_data"),
    }
    return TemplateResponse(request, "backoffice/live_page.html", context)


@require_safe
@never_cache
def health_data(request: HttpRequest) -> HttpResponse:
    """Return the table's content."""
    _require_permission(request)
    user = signed_in_user(request)
    return tiles_response([(TILE, TILE.content(user))], user)


def _require_permission(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the user may see the newest quotes."""
    user = signed_in_user(request)
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
