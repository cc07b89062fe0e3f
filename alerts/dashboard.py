"""The dashboard tile of price alerts, and the panel above their log: firings a day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from alerts.models import DayTotal
from backoffice import tile_parts as parts
from backoffice.dashboard import Tile
from backoffice.tile_parts import Part, ago
from core import vitals
from core.clock import now

DAYS, TOP = 30, 8


def totals(user: Any, since: date) -> "QuerySet[DayTotal]":
    """Return the totals from `since` on, of the groups that the user sees."""
    rows = DayTotal.objects.filter(day__gte=since).order_by()
    visible = user.visible_groups
    return rows if visible is None else rows.filter(group__in=visible)


def days() -> list[date]:
    """Return the last DAYS days (UTC), oldest first."""
    today = datetime.fromtimestamp(now(), UTC).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def counted(user: Any) -> tuple[Counter[date], Counter[str]]:
    """Count the firings of the last days by day and by symbol."""
    by_day, by_symbol = Counter[date](), Counter[str]()
    rows = totals(user, days()[0]).values_list("day", "symbol").annotate(total=Sum("fired"))
    for day, symbol, fired in rows:
        by_day[day] += fired
        by_symbol[symbol] += fired
    return by_day, by_symbol


def chart(by_day: Counter[date]) -> Part:
    """Return a bar chart with one bar for each of the last days."""
    labels = [f"{day:%d %b}" for day in days()]
    return parts.bars("Firings a day (UTC)", labels, fired=[by_day[day] for day in days()])


def build(user: Any) -> list[Part]:
    """Return the evaluation's lag, the firings of the last days and the top symbols."""
    by_day, by_symbol = counted(user)
    lags = [one["lag_ms"] for one in vitals.told().get("alerts", {}).values()]
    lag = ago(max(lags)) if lags else "no worker evaluates"
    return [
        parts.figures(
            ("Behind the quotes", lag, "" if lags else "bad"),
            ("Fired today", f"{by_day[days()[-1]]:,}"),
            (f"In {DAYS} days", f"{by_day.total():,}"),
        ),
        chart(by_day),
        parts.table(
            ("Symbol", f"#Fired in {DAYS} days"),
            [[symbol, f"{fired:,}"] for symbol, fired in by_symbol.most_common(TOP)],
            empty="No alert has fired",
        ),
    ]


def panel(user: Any) -> list[Part]:
    """Return the sections that stand above the alert log."""
    by_day, by_symbol = counted(user)
    most = ", ".join(f"{symbol} {fired:,}" for symbol, fired in by_symbol.most_common(TOP))
    return [chart(by_day), parts.note(f"Most in {DAYS} days: {most or 'none'}")]


RIGHT = "alerts.view_alertlog"
TILES = [
    Tile("alerts", "Price alerts", RIGHT, build),
    Tile("alerts_by_day", "Firings a day", RIGHT, panel, on_dashboard=False),
]
