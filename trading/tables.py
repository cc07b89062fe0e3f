"""The table of trades: rows, totals and count over the same matches, floating profit included."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Account
from api.filters import Column, Columns, compiled, ordering
from api.table import Table
from core.money import cents
from market.catalog import converter
from market.quotes import LatestQuotes
from trading.enums import TradeType
from trading.models import Trade
from trading.querysets import TradeQuerySet
from trading.valuation import Valuation

COLUMNS: Columns = {
    "order": Column("order", int),
    "login": Column("account_id", int),
    "cmd": Column("cmd", int),
    "state": Column("state", int),
    "symbol": Column("symbol_name", str),
    "reason": Column("reason", int),
    "volume": Column("volume", int),
    "open_time": Column("open_time", int),
    "close_time": Column("close_time", int),
    "open_price": Column("open_price", Decimal),
    "close_price": Column("close_price", Decimal),
    "sl": Column("sl", Decimal),
    "tp": Column("tp", Decimal),
    "profit": Column("profit_now", Decimal),
    "net_profit": Column("net_profit", Decimal),
    "commission": Column("commission", Decimal),
    "storage": Column("storage", Decimal),
    "comment": Column("comment", str),
    "digits": Column("digits", int),
    "expiration": Column("expiration", int),
}
STRUCTURE = tuple(COLUMNS)
TOTALS = ("profit", "net_profit", "storage", "commission", "volume")
AMOUNT = DecimalField(max_digits=20, decimal_places=4)


def trades_table(account: Account, data: Mapping[str, Any]) -> Table:
    """What `GET /trades` answers for checked parameters."""
    rows = with_floating(Trade.objects.of_type(TradeType(data["tradeType"])), account)
    rows = rows.filter(compiled(COLUMNS, data))
    order_by = ordering(COLUMNS, data.get("orderBy")) or ["-open_time"]
    sums = {f"total_{name}": Sum(COLUMNS[name].name) for name in TOTALS}
    beside = rows.aggregate(count=Count("*"), **sums)
    first = data["offset"]
    page = rows.order_by(*order_by, "-order")[first : first + data["limit"]]
    return Table(
        STRUCTURE,
        page.values_list(*(column.name for column in COLUMNS.values())),
        {name: value or 0 for name, value in beside.items()},
    )


def with_floating(rows: TradeQuerySet, account: Account) -> Any:
    """The account's rows with `profit_now`, floating for open positions, and `net_profit`.

    The floating figures go into the query, so that filters, order, rows and totals agree.
    """
    positions = list(Trade.objects.positions().filter(account=account).select_related("symbol"))
    quotes = LatestQuotes().load(trade.symbol_id or "" for trade in positions)
    valuation = Valuation(account, converter(), quotes)
    currency = account.group.currency
    cases = [
        When(order=trade.order, then=Value(cents(valuation.floating(trade), currency), AMOUNT))
        for trade in positions
    ]
    now = Case(*cases, default=F("profit"), output_field=AMOUNT) if cases else F("profit")
    return rows.filter(account=account).annotate(
        symbol_name=Coalesce("symbol_id", Value("")),  # finance operations have none
        profit_now=now,
        net_profit=F("profit_now") + F("commission") + F("storage"),
    )
