"""Dashboard tiles of risk: exposure by symbol, accounts near a stop-out, the engine's lag."""

from django.conf import settings
from django.urls import reverse

from accounts.models import Group, User
from backoffice.columns import format_duration, format_money
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from core.heartbeats import read_heartbeats
from market import catalog
from market.models import format_lots
from market.quotes.quote import LatestQuotes
from trading.backoffice import read_book_summary
from trading.backoffice.read_book_summary import BookSummary, NearAccount, SymbolHolding
from trading.enums import LevelType
from trading.valuation.reporting_rates import rates_to

MAX_ACCOUNTS = 30  # displayed of all that are near
TONES = {LevelType.STOP_OUT: "bad", LevelType.MARGIN_CALL: "warn", LevelType.OK: ""}


def exposure_tile(user: User) -> list[Content]:
    """Return the exposure by symbol, the largest first; money in one currency."""
    summary, unit = read_book_summary.read_summary(user.visible_groups), settings.REPORTING_CURRENCY
    rates, missing = reporting_rates(summary)
    holdings = read_book_summary.exposure_by_symbol(summary, rates)
    largest_pip = max((abs(one.pip) for one in holdings.values()), default=0.0) or 1.0
    rows = [
        _symbol_row(name, one, largest_pip, user)
        for name, one in sorted(holdings.items(), key=lambda item: -abs(item[1].pip))
    ]
    columns = ("Symbol", "#Net lots", "#Long", "#Short", f"#{unit} a pip", f"#Floating, {unit}")
    return [
        Table(columns, rows, empty="No open positions"),
        *age_notes(summary),
        *([Note(f"without rate: {', '.join(missing)}", "warn")] if missing else []),
    ]


def _symbol_row(
    name: str, holding: SymbolHolding, largest_pip: float, user: User
) -> list[Cell | str]:
    unit = settings.REPORTING_CURRENCY
    page = reverse("admin:market_symbol_change", args=[name])
    return [
        Cell(name, url=page if user.has_perm("market.view_symbol") else ""),
        *(
            format_lots(volume, thousands=True)
            for volume in (holding.net, holding.long, holding.short)
        ),
        Cell(format_money(holding.pip, unit), share=round(holding.pip / largest_pip, 3)),
        Cell(format_money(holding.floating, unit), tone="bad" if holding.floating < 0 else ""),
    ]


def reporting_rates(summary: BookSummary) -> tuple[dict[str, float], list[str]]:
    """Return rates to the reporting currency at mid, and the currencies that nothing converts."""
    currencies = {view.currency for view in summary.groups.values()}
    paths, quotes = catalog.current_converter(), LatestQuotes()
    rates = rates_to(currencies, settings.REPORTING_CURRENCY, paths, quotes)
    return rates, sorted(currencies - rates.keys())


def nearest_tile(user: User) -> list[Content]:
    """Return the accounts with the least margin left until their stop-out."""
    summary = read_book_summary.read_summary(user.visible_groups)
    names = dict(Group.objects.filter(pk__in=summary.groups).values_list("pk", "name"))
    found = sorted(
        (near.above, key, near) for key, view in summary.groups.items() for near in view.nearest
    )
    rows = [
        _account_row(near, names.get(key, ""), summary.groups[key].currency)
        for _, key, near in found[:MAX_ACCOUNTS]
    ]
    columns = ("Login", "Group", "#Level", "#Until stop-out", "#Equity", "#Margin", "State")
    return [Table(columns, rows, empty="No account uses margin"), *age_notes(summary)]


def _account_row(account: NearAccount, group: str, currency: str) -> list[Cell | str]:
    kind = LevelType(account.level_type)
    page = reverse("admin:accounts_account_change", args=[account.login])
    return [
        Cell(str(account.login), url=page),
        group,
        Cell(f"{account.level:,.1f} %", tone=TONES[kind]),
        f"{account.above:,.1f} %",
        f"{format_money(account.equity, currency)} {currency}",
        f"{format_money(account.margin, currency)} {currency}",
        Cell(kind.label, tone=TONES[kind]),
    ]


def engine_tile(_user: User) -> list[Content]:
    """Return how far the engines are behind the quotes, and what they have done."""
    heartbeats = list(read_heartbeats().get("engine", {}).values())
    leaders = sorted((one for one in heartbeats if one.get("leader")), key=lambda one: one["shard"])
    if not leaders:
        return [Note("no engine leads", "bad")]
    behind = max(one["lag_ms"] for one in leaders)
    shard_counts = sorted({int(one.get("shards", 1)) for one in leaders})
    mixed = (
        f"engines of {' and '.join(map(str, shard_counts))} shards lead at once: end the old ones"
    )
    return [
        FigureList(
            [
                (
                    "Behind the quotes",
                    Cell(format_duration(behind), tone="bad" if behind > 5000 else ""),
                ),
                ("Longest pass", f"{max(one['pass_ms'] for one in leaders):,.1f} ms"),
                ("Open positions", f"{sum(one['trades'] for one in leaders):,.0f}"),
                ("Triggers carried out", f"{sum(one['triggers'] for one in leaders):,.0f}"),
                ("Shards", f"{len(leaders)}"),
                ("On standby", f"{len(heartbeats) - len(leaders)}"),
            ]
        ),
        *([Note(mixed, "warn")] if len(shard_counts) > 1 else []),
    ]


def age_notes(summary: BookSummary) -> list[Content]:
    """Return a line when the figures are not of this moment."""
    if summary.age is None:
        return [Note("no engine publishes figures", "bad")]
    return (
        [Note(f"figures {format_duration(summary.age)} old", "warn")] if summary.age > 6000 else []
    )
