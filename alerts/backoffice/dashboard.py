"""The dashboard tile of price alerts, and the panel above their log: firings a day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.db.models import QuerySet, Sum

from accounts.models import User
from alerts.models import DayTotal
from backoffice.columns import format_duration
from backoffice.widgets.bar_chart import BarChart
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from backoffice.widgets.dashboard import DashboardTile
from core import heartbeats
from core.clock import now

DAYS, TOP = 30, 8


def visible_totals(user: User, since: date) -> "QuerySet[DayTotal]":
    """Return the totals from `since` on, of the groups that the user sees."""
    rows = DayTotal.objects.filter(day__gte=since).order_by()
    visible = user.visible_groups
    return rows if visible is None else rows.filter(group__in=visible)


def last_days() -> list[date]:
    """Return the last DAYS days (UTC), oldest first."""
    today = datetime.fromtimestamp(now(), UTC).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def count_firings(user: User) -> tuple[Counter[date], Counter[str]]:
    """Count the firings of the last days by day and by symbol."""
    by_day, by_symbol = Counter[date](), Counter[str]()
    rows = (
        visible_totals(user, last_days()[0])
        .values_list("day", "symbol")
        .annotate(total=Sum("fired"))
    )
    for day, symbol, fired in rows:
        by_day[day] += fired
        by_symbol[symbol] += fired
    return by_day, by_symbol


def firings_chart(by_day: Counter[date]) -> BarChart:
    """Return a bar chart with one bar for each of the last days."""
    labels = [f"{day:%d %b}" for day in last_days()]
    return BarChart(
        "Firings a day (UTC)", labels, [("fired", [by_day[day] for day in last_days()])]
    )


def build_tile(user: User) -> list[Content]:
    """Return the evaluation's lag, the firings of the last days and the top symbols."""
    by_day, by_symbol = count_firings(user)
    lags = [one["lag_ms"] for one in heartbeats.read_heartbeats().get("alerts", {}).values()]
    lag = format_duration(max(lags)) if lags else "no worker evaluates"
    return [
        FigureList(
            [
                ("Behind the quotes", Cell(lag, tone="" if lags else "bad")),
                ("Fired today", f"{by_day[last_days()[-1]]:,}"),
                (f"In {DAYS} days", f"{by_day.total():,}"),
            ]
        ),
        firings_chart(by_day),
        Table(
            ("Symbol", f"#Fired in {DAYS} days"),
            [[symbol, f"{fired:,}"] for symbol, fired in by_symbol.most_common(TOP)],
            empty="No alert has fired",
        ),
    ]


def build_log_panel(user: User) -> list[Content]:
    """Return the sections that stand above the alert log."""
    by_day, by_symbol = count_firings(user)
    most = ", ".join(f"{symbol} {fired:,}" for symbol, fired in by_symbol.most_common(TOP))
    return [firings_chart(by_day), Note(f"Most in {DAYS} days: {most or 'none'}")]


PERMISSION = "alerts.view_alertlog"
TILES = [
    DashboardTile("alerts", "Price alerts", PERMISSION, build_tile),
    DashboardTile(
        "alerts_by_day", "Firings a day", PERMISSION, build_log_panel, wide=True, on_dashboard=False
    ),
]
