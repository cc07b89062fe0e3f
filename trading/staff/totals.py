"""Totals by currency over the selection of a list of trades, where they are cheap to compute."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from accounts.models import Group
from backoffice.acting.panel import Content
from backoffice.columns import amount
from core.money import ZERO
from market.catalog import named
from market.models import format_lots
from trading.enums import DIRECTIONS, Cmd, TradeType
from trading.models import Trade
from trading.positions import Position
from trading.staff.floating import Floating

MOST = 5_000  # positions that are valued for one page
MOST_BOOKED = 20_000  # rows that the database adds up for one page
TRADES = ("currency", "trades", "lots", "profit", "commission", "swap", "net profit")
PENDINGS = ("currency", "orders", "lots")
OPERATIONS = ("currency", "kind", "operations", "amount")
CURRENCY = "account__group__currency"
COLUMNS = (
    "account__group", "order", "symbol", "cmd", "volume", "open_price", "commission", "storage",
    "margin_rate",
)  # fmt: skip
NARROW = "For totals search for a login, or choose a time of at most seven days."
TOO_MANY = "More than {:,} rows: narrow the filter for totals."
UNKNOWN = "{} positions have no price: their profit is not in the totals."
Rows = QuerySet[Any]


def totals(rows: Rows, kind: TradeType, *, is_narrow: bool) -> Content | None:
    """Return the totals of a list of one kind, None where it has none.

    `is_narrow`: an index finds what is selected, and it is not much.
    """
    match kind:
        case TradeType.OPEN:
            return _open(rows)
        case TradeType.PENDING:
            return _pending(rows)
        case TradeType.CLOSED | TradeType.FINANCE if not is_narrow:
            return Content((), (), note=NARROW)
        case TradeType.CLOSED:
            return _closed(rows)
        case TradeType.FINANCE:
            return _finance(rows)
    return None


def _open(rows: Rows) -> Content:
    """Return totals with the present floating profits, each rounded as in the list."""
    found = list(rows.order_by().values_list(*COLUMNS)[: MOST + 1])
    if len(found) > MOST:
        return Content((), (), note=TOO_MANY.format(MOST))
    groups = Group.objects.in_bulk({row[0] for row in found})
    positions = [(groups[row[0]], position(row[1:])) for row in found]
    floating = Floating()
    floating.load(positions)
    sums: dict[str, Counter[str]] = {}
    unknown = 0
    for group, one in positions:
        profit = floating.profit(group, one)
        unknown += profit is None
        total: Any = sums.setdefault(group.currency, Counter())
        total["trades"] += 1
        for name, value in (
            ("volume", one.volume), ("profit", profit or ZERO),
            ("commission", one.commission), ("storage", one.storage),
        ):  # fmt: skip
            total[name] += value
    note = UNKNOWN.format(unknown) if unknown else ""
    shown = [_trades(currency, sums[currency]) for currency in sorted(sums)]
    return Content(TRADES, shown, note=note)


def position(row: tuple[Any, ...]) -> Position:
    """Return a position made of its columns, with the catalog's symbol."""
    order, symbol, cmd, *figures = row
    return Position(order, named(symbol), DIRECTIONS[cmd], *figures)


def _closed(rows: Rows) -> Content:
    found = _grouped(rows, CURRENCY, sums=("profit", "commission", "storage", "volume"))
    return _limited(TRADES, found, [_trades(row[CURRENCY], row) for row in found])


def _pending(rows: Rows) -> Content:
    found = _grouped(rows, CURRENCY, sums=("volume",))
    shown = [
        (row[CURRENCY], row["trades"], format_lots(row["volume"], thousands=True)) for row in found
    ]
    return _limited(PENDINGS, found, shown)


def _finance(rows: Rows) -> Content:
    found = _grouped(rows, CURRENCY, "cmd", sums=("profit",))
    shown = [
        (
            row[CURRENCY],
            Cmd(row["cmd"]).label,
            row["trades"],
            amount(row["profit"], row[CURRENCY]),
        )
        for row in found
    ]
    return _limited(OPERATIONS, found, shown)


def _grouped(rows: Rows, *by: str, sums: Iterable[str]) -> list[dict[str, Any]]:
    """Return sums over at most MAX_ROWS + 1 rows: what is beyond is not even read."""
    chosen = rows.order_by().values("pk")[: MOST_BOOKED + 1]
    grouped = Trade.objects.filter(pk__in=chosen).values(*by).order_by(*by)
    # Named apart from the columns, which they would hide from one another.
    asked = {f"sum_{name}": Sum(name) for name in sums}
    return [
        {name.removeprefix("sum_"): value for name, value in row.items()}
        for row in grouped.annotate(trades=Count("pk"), **asked)
    ]


def _limited(headers: tuple[str, ...], found: list[dict[str, Any]], shown: list[Any]) -> Content:
    if sum(row["trades"] for row in found) > MOST_BOOKED:
        return Content((), (), note=TOO_MANY.format(MOST_BOOKED))
    return Content(headers, shown)


def _trades(currency: str, row: Any) -> tuple[Any, ...]:
    parts: list[Decimal] = [row["profit"], row["commission"], row["storage"]]
    net = sum(parts, ZERO)
    money = (amount(value, currency) for value in (*parts, net))
    return (currency, row["trades"], format_lots(row["volume"], thousands=True), *money)
