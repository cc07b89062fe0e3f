"""The feed's tile on the dashboard."""

from django.urls import reverse

from accounts.models import User
from backoffice.columns import NO_VALUE, format_duration
from backoffice.widgets.content import Cell, Content, FigureList, Table
from backoffice.widgets.dashboard import DashboardTile
from core.heartbeats import read_heartbeats
from market.backoffice import feed_health


def build_feed_tile(_user: User) -> list[Content]:
    """Return the newest quote's age, accepted and refused counts, and the silent symbols."""
    symbols = feed_health.read_feed_health()
    newest = min((one.age for one in symbols if one.age is not None), default=None)
    heartbeats = list(read_heartbeats().get("feed", {}).values())
    accepted, refused = (sum(one.get(n, 0) for one in heartbeats) for n in ("accepted", "refused"))
    stale = [one.symbol for one in symbols if one.is_stale]
    all_refused = sum(one.all_refused is not None for one in symbols)
    return [
        FigureList(
            [
                ("Newest quote", NO_VALUE if newest is None else f"{format_duration(newest)} ago"),
                ("Accepted", f"{accepted:,.0f}"),
                ("Refused", f"{refused:,.0f}"),
                ("All quotes refused", Cell(all_refused, tone="bad" if all_refused else "good")),
                ("Silent in an open market", Cell(len(stale), tone="bad" if stale else "good")),
            ]
        ),
        Table(
            ("Silent symbols",),
            [[Cell(name, url=reverse("admin:market_feed_health"))] for name in stale[:10]],
            empty="Every open market has current quotes",
        ),
    ]


TILES = [DashboardTile("feed", "Feed", "market.view_lastquote", build_feed_tile)]
