"""Dashboard tiles of money: totals by currency, payments by day, last night's rollover.

What is read for all groups is cached for some seconds and restricted afterwards, so that any
number of open dashboards queries the database once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, F, Sum

from accounts.models import Account, User
from backoffice.columns import format_money, format_utc
from backoffice.widgets.bar_chart import BarChart
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from core.clock import DAY_S, now
from core.money import ZERO
from market import catalog
from market.quotes.quote import LatestQuotes
from trading.backoffice import read_book_summary
from trading.backoffice.risk_tiles import age_notes
from trading.enums import Cmd
from trading.models import Rollover, SwapCharge, Trade
from trading.valuation.reporting_rates import rates_to

DAYS = 14
BALANCES_LIFE, PAYMENTS_LIFE, SWAPS_LIFE = 30, 10, 60  # seconds
Row = dict[str, Any]  # with `group` and `currency`


def balances_by_group() -> list[Row]:
    """Return for every group the number of its accounts, their balances and credits."""
    rows: Any = Account.objects.order_by().values("group", currency=F("group__currency"))
    return list(rows.annotate(accounts=Count("pk"), balance=Sum("balance"), credit=Sum("credit")))


def payments_by_day() -> list[Row]:
    """Return the sums of the last days by day, group and cmd, of what clients paid in and took out.

    What the platform posted itself is left out: corrections, late swaps and the compensation of
    negative balances.
    """
    begin = (now() // DAY_S - DAYS + 1) * DAY_S
    rows: Any = Trade.objects.filter(
        cmd__in=(Cmd.BALANCE_IN, Cmd.BALANCE_OUT), open_time__gte=begin, corrects=None
    ).filter(margin_actions=None)
    fields = {"day": F("open_time") / DAY_S, "group": F("account__group")}
    found = rows.order_by().values("cmd", **fields, currency=F("account__group__currency"))
    return list(found.annotate(total=Sum("profit")))


def swaps_by_group(night: Rollover) -> list[Row]:
    """Return for every group what the night has charged."""
    group = "trade__account__group"
    rows: Any = SwapCharge.objects.filter(night=night).order_by()
    found = rows.values(group=F(group), currency=F(f"{group}__currency"))
    return list(found.annotate(trades=Count("pk"), total=Sum("amount")))


def cached_rows(name: str, life: int, read: Callable[[], list[Row]], user: User) -> list[Row]:
    """Return rows at most `life` seconds old, of the groups that the user may see."""
    rows: list[Row] = cache.get_or_set(f"dashboard:{name}", read, life) or []
    visible = user.visible_groups
    return [row for row in rows if visible is None or row["group"] in visible]


def totals_tile(user: User) -> list[Content]:
    """Return what clients own, by currency: the ledger's sums and the present floating result."""
    summary = read_book_summary.read_summary(user.visible_groups)
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in cached_rows("balances", BALANCES_LIFE, balances_by_group, user):
        for name in ("accounts", "balance", "credit"):
            found[row["currency"]][name] += float(row[name])
    for view in summary.groups.values():
        for name in ("floating", "margin"):
            found[view.currency][name] += getattr(view, name)
        found[view.currency]["trading"] += view.accounts
    columns = (
        "Currency", "#Equity", "#Balance", "#Credit", "#Floating", "#Margin", "#Accounts",
        "#With positions",
    )  # fmt: skip
    rows = [_totals_row(currency, found[currency]) for currency in sorted(found)]
    return [Table(columns, rows, empty="No accounts"), *age_notes(summary)]


def _totals_row(currency: str, sums: dict[str, float]) -> list[Cell | str]:
    floating = sums["floating"]
    return [
        currency,
        format_money(sums["balance"] + sums["credit"] + floating, currency),
        *(format_money(sums[name], currency) for name in ("balance", "credit")),
        Cell(format_money(floating, currency), tone="bad" if floating < 0 else ""),
        format_money(sums["margin"], currency),
        *(f"{sums[name]:,.0f}" for name in ("accounts", "trading")),
    ]


def payments_tile(user: User) -> list[Content]:
    """Return what clients paid in and took out: today by currency, the last days in one."""
    rows = cached_rows("payments", PAYMENTS_LIFE, payments_by_day, user)
    today, unit = now() // DAY_S, settings.REPORTING_CURRENCY
    currencies = {row["currency"] for row in rows}
    rates = rates_to(currencies, unit, catalog.current_converter(), LatestQuotes())
    days = range(today - DAYS + 1, today + 1)
    per_day = {cmd: dict.fromkeys(days, 0.0) for cmd in (Cmd.BALANCE_IN, Cmd.BALANCE_OUT)}
    for row in rows:
        if row["day"] in days:
            amount = abs(float(row["total"])) * rates.get(row["currency"], 0.0)
            per_day[Cmd(row["cmd"])][row["day"]] += amount
    labels = [f"{datetime.fromtimestamp(day * DAY_S, UTC):%d %b}" for day in days]
    deposits, withdrawals = ([round(v, 2) for v in sums.values()] for sums in per_day.values())
    series = [("deposits", deposits), ("withdrawals", withdrawals)]
    chart = BarChart(f"{unit} a day", labels, series)
    gross = Note("Gross: payments that were reversed afterwards are included.")
    return [FigureList(list(_figures_of_today(rows, today))), chart, gross]


def _figures_of_today(rows: Iterable[Row], today: int) -> Iterable[tuple[str, str]]:
    sums: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row["day"] == today:
            sums[row["currency"], row["cmd"]] += row["total"]
    for currency in sorted({currency for currency, _ in sums}) or [settings.REPORTING_CURRENCY]:
        yield f"In today, {currency}", format_money(sums[currency, Cmd.BALANCE_IN], currency)
        yield f"Out today, {currency}", format_money(-sums[currency, Cmd.BALANCE_OUT], currency)


def rollover_tile(user: User) -> list[Content]:
    """Return the state of the last night and the swaps that it charged."""
    night = Rollover.objects.order_by("-night").first()
    if night is None:
        return [Note("No night has come yet")]
    name = f"swaps:{night.night}:{night.finished}"
    rows = cached_rows(name, SWAPS_LIFE, lambda: swaps_by_group(night), user)
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        sums[row["currency"]] += row["total"]
    state = format_utc(night.finished) if night.finished else "not yet"
    tone = "" if night.finished else "warn"
    return [
        FigureList(
            [
                ("Night", f"{night.night:%Y-%m-%d}"),
                ("Finished (UTC)", Cell(state, tone=tone)),
                ("Trades charged", f"{sum(row['trades'] for row in rows):,}"),
                *(
                    (f"Swaps, {unit}", format_money(total, unit))
                    for unit, total in sorted(sums.items())
                ),
            ]
        )
    ]
