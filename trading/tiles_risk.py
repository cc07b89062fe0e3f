"""Dashboard tiles of risk: exposure by symbol, accounts near a stop-out, the engine's lag."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Group
from backoffice import tile_parts as parts
from backoffice.tile_parts import Cell, Part, ago, money
from core import vitals
from market import catalog
from market.models import format_lots
from market.quotes import LatestQuotes
from trading import overview
from trading.enums import LevelType
from trading.overview import Holding, Near, Overview

MOST = 30  # displayed of all that are near
TONES = {LevelType.STOP_OUT: "bad", LevelType.MARGIN_CALL: "warn", LevelType.OK: ""}


def exposure(user: Any) -> list[Part]:
    """Return the exposure by symbol, the largest first; money in one currency."""
    seen, unit = overview.read(user.visible_groups), settings.REPORTING_CURRENCY
    worth, missing = in_one_currency(seen)
    held = overview.exposure(seen, worth)
    most = max((abs(one.pip) for one in held.values()), default=0.0) or 1.0
    rows = [
        _symbol(name, one, most, user)
        for name, one in sorted(held.items(), key=lambda item: -abs(item[1].pip))
    ]
    columns = ("Symbol", "#Net lots", "#Long", "#Short", f"#{unit} a pip", f"#Floating, {unit}")
    return [
        parts.table(columns, rows, empty="No open positions"),
        *freshness(seen),
        *([parts.note(f"without rate: {', '.join(missing)}", "warn")] if missing else []),
    ]


def _symbol(name: str, held: Holding, most: float, user: Any) -> list[Cell]:
    unit = settings.REPORTING_CURRENCY
    page = reverse("admin:market_symbol_change", args=[name])
    return [
        parts.cell(name, href=page if user.has_perm("market.view_symbol") else ""),
        *(format_lots(volume, thousands=True) for volume in (held.net, held.long, held.short)),
        parts.cell(money(held.pip, unit), share=round(held.pip / most, 3)),
        parts.cell(money(held.floating, unit), tone="bad" if held.floating < 0 else ""),
    ]


def in_one_currency(seen: Overview) -> tuple[dict[str, float], list[str]]:
    """Return rates to the reporting currency at mid, and the currencies that nothing converts."""
    currencies = {view.currency for view in seen.groups.values()}
    paths, quotes = catalog.converter(), LatestQuotes()
    worth = overview.rates(currencies, settings.REPORTING_CURRENCY, paths, quotes)
    return worth, sorted(currencies - worth.keys())


def nearest(user: Any) -> list[Part]:
    """Return the accounts with the least margin left until their stop-out."""
    seen = overview.read(user.visible_groups)
    names = dict(Group.objects.filter(pk__in=seen.groups).values_list("pk", "name"))
    found = sorted(
        (near.above, key, near) for key, view in seen.groups.items() for near in view.nearest
    )
    rows = [
        _account(near, names.get(key, ""), seen.groups[key].currency)
        for _, key, near in found[:MOST]
    ]
    columns = ("Login", "Group", "#Level", "#Until stop-out", "#Equity", "#Margin", "State")
    return [parts.table(columns, rows, empty="No account uses margin"), *freshness(seen)]


def _account(near: Near, group: str, currency: str) -> list[Cell]:
    kind = LevelType(near.level_type)
    page = reverse("admin:accounts_account_change", args=[near.login])
    return [
        parts.cell(str(near.login), href=page),
        group,
        parts.cell(f"{near.level:,.1f} %", tone=TONES[kind]),
        f"{near.above:,.1f} %",
        f"{money(near.equity, currency)} {currency}",
        f"{money(near.margin, currency)} {currency}",
        parts.cell(kind.label, tone=TONES[kind]),
    ]


def engine(_user: Any) -> list[Part]:
    """Return how far the engines are behind the quotes, and what they have done."""
    told = list(vitals.told().get("engine", {}).values())
    leaders = sorted((one for one in told if one.get("leader")), key=lambda one: one["shard"])
    if not leaders:
        return [parts.note("no engine leads", "bad")]
    behind = max(one["lag_ms"] for one in leaders)
    numbers = sorted({int(one.get("shards", 1)) for one in leaders})
    mixed = f"engines of {' and '.join(map(str, numbers))} shards lead at once: end the old ones"
    return [
        parts.figures(
            ("Behind the quotes", ago(behind), "bad" if behind > 5000 else ""),
            ("Longest pass", f"{max(one['pass_ms'] for one in leaders):,.1f} ms"),
            ("Open positions", f"{sum(one['trades'] for one in leaders):,.0f}"),
            ("Triggers carried out", f"{sum(one['triggers'] for one in leaders):,.0f}"),
            ("Shards", f"{len(leaders)}"),
            ("On standby", f"{len(told) - len(leaders)}"),
        ),
        *([parts.note(mixed, "warn")] if len(numbers) > 1 else []),
    ]


def freshness(seen: Overview) -> list[Part]:
    """Return a line when the figures are not of this moment."""
    if seen.age is None:
        return [parts.note("no engine publishes figures", "bad")]
    return [parts.note(f"figures {ago(seen.age)} old", "warn")] if seen.age > 6000 else []
