"""The feed's tile on the dashboard."""

from typing import Any

from django.urls import reverse

from backoffice import tile_parts as parts
from backoffice.columns import NOTHING
from backoffice.dashboard import Tile
from backoffice.tile_parts import Part, ago
from core import vitals
from market import feed_health


def feed(_user: Any) -> list[Part]:
    """Return the newest quote's age, accepted and refused counts, and the silent symbols."""
    symbols = feed_health.read()
    newest = min((one.age for one in symbols if one.age is not None), default=None)
    told = list(vitals.told().get("feed", {}).values())
    accepted, refused = (sum(one.get(n, 0) for one in told) for n in ("accepted", "refused"))
    stale = [one.symbol for one in symbols if one.stale]
    barred = sum(one.all_refused is not None for one in symbols)
    return [
        parts.figures(
            ("Newest quote", f"{ago(newest)} ago" if newest is not None else NOTHING),
            ("Accepted", f"{accepted:,.0f}"),
            ("Refused", f"{refused:,.0f}"),
            ("All quotes refused", f"{barred}", "bad" if barred else "good"),
            ("Silent in an open market", f"{len(stale)}", "bad" if stale else "good"),
        ),
        parts.table(
            ("Silent symbols",),
            [[parts.cell(name, href=reverse("admin:market_feed_health"))] for name in stale[:10]],
            empty="Every open market has current quotes",
        ),
    ]


TILES = [Tile("feed", "Feed", "market.view_lastquote", feed)]
