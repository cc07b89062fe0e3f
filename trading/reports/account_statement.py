"""A client's statement of any period: what was posted, between two balances, and what was open.

It agrees with the ledger: the opening balance and the amounts of the rows are the closing balance.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import F, Sum

from accounts.models import Account
from core.clock import now
from core.money import ZERO, round_to_currency
from market.catalog import current_converter
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes, Quotes
from trading.enums import CREDIT_CMDS, FINANCE_CMDS
from trading.models import SwapCharge, Trade
from trading.reports.broker_result import Period
from trading.reports.posted_rows import KINDS_CTES
from trading.valuation.account import Valuation

AMOUNT = F("profit") + F("commission") + F("storage")
KINDS = f"""
    WITH RECURSIVE {KINDS_CTES} SELECT "order", kind FROM kinds WHERE kind <> 'trade'
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Holdings:
    """An account's balance and credit at a moment."""

    balance: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A posted row with what it is (`trading.reports.posted_rows`), and the holdings after it."""

    trade: Trade
    kind: str
    amount: Decimal
    after: Holdings


@dataclass(frozen=True, slots=True)
class PositionAtEnd:
    """A position that was open when the period ended, with its volume and charges then.

    `floating` is its profit now; None for a period that ended before, or without a price.
    """

    trade: Trade
    volume: int
    commission: Decimal
    swap: Decimal
    floating: Decimal | None


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """A client's statement; `totals` are the amounts by kind, and of trades by their parts."""

    account: Account
    period: Period
    opening: Holdings
    rows: list[StatementRow]
    closing: Holdings
    positions: list[PositionAtEnd]
    totals: dict[str, Decimal]
    is_current: bool

    @property
    def currency(self) -> str:
        return self.account.group.currency

    @property
    def equity(self) -> Decimal | None:
        """Return the equity now; None for a period that has ended, or without a price."""
        floating = [position.floating for position in self.positions]
        if not self.is_current or None in floating:
            return None
        charges = sum((each.commission + each.swap for each in self.positions), ZERO)
        profits = sum((each for each in floating if each is not None), ZERO)
        return self.closing.balance + self.closing.credit + charges + profits


def read_statement(
    account: Account, period: Period, quotes: Quotes | None = None
) -> AccountStatement:
    """Return the statement of the account, which is read with its group and user."""
    opening = _holdings_before(account, period.begin)
    kinds = _kinds_of_finance_rows(account, period)
    rows: list[StatementRow] = []
    totals: dict[str, Decimal] = defaultdict(lambda: ZERO)
    balance, credit = opening.balance, opening.credit
    posted = Trade.objects.booked().filter(
        account=account, close_time__gte=max(1, period.begin), close_time__lt=period.end
    )
    for trade in posted.order_by("close_time", "order"):
        amount = trade.profit + trade.commission + trade.storage
        if trade.cmd in CREDIT_CMDS:
            credit += amount
        else:
            balance += amount
        kind = kinds.get(trade.order, "trade")
        _add_to_totals(totals, trade, kind, amount)
        rows.append(StatementRow(trade, kind, amount, Holdings(balance, credit)))
    is_current = period.end > now()
    return AccountStatement(
        account,
        period,
        opening,
        rows,
        Holdings(balance, credit),
        _positions_at(account, period.end, (quotes or LatestQuotes()) if is_current else None),
        dict(totals),
        is_current,
    )


def count_rows(account: Account, period: Period) -> int:
    """Return how many rows the statement has, without reading them."""
    booked = Trade.objects.booked().filter(account=account)
    return booked.filter(close_time__gte=period.begin, close_time__lt=period.end).count()


def _holdings_before(account: Account, moment: int) -> Holdings:
    """Return what the account held before `moment` (unix seconds), by its rows."""
    rows = Trade.objects.booked().filter(account=account, close_time__lt=moment)
    sums = dict(
        rows.order_by().values_list("cmd").annotate(total=Sum(AMOUNT)).values_list("cmd", "total")
    )
    credit = sum((total for cmd, total in sums.items() if cmd in CREDIT_CMDS), ZERO)
    return Holdings(sum(sums.values(), ZERO) - credit, credit)


def _kinds_of_finance_rows(account: Account, period: Period) -> dict[int, str]:
    """Return what the finance rows of the period are, by order."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS, (period.begin, period.end, account.login, account.login))
        return dict(cursor.fetchall())


def _add_to_totals(totals: dict[str, Decimal], trade: Trade, kind: str, amount: Decimal) -> None:
    """Add a row to the total of its kind, a trade to those of its parts."""
    if trade.cmd in FINANCE_CMDS:
        totals[kind] += amount
        return
    totals["profit"] += trade.profit
    totals["commission"] += trade.commission
    totals["swap"] += trade.storage


def _positions_at(account: Account, end: int, quotes: Quotes | None) -> list[PositionAtEnd]:
    """Return what was open before `end` (unix seconds), valued by `quotes` if given."""
    trades = list(
        Trade.objects.open_at(end - 1)
        .filter(account=account)
        .select_related("symbol")
        .order_by("open_time", "order")
    )
    volumes, commissions, swaps = _sums_at(trades, end)
    valuation = quotes and Valuation(account, current_converter(), quotes, strict=True)
    if valuation:
        valuation.load_quotes(trades)
    return [
        PositionAtEnd(
            trade,
            volumes[trade.order],
            commissions[trade.order],
            swaps[trade.order],
            _floating_profit(valuation, trade) if valuation else None,
        )
        for trade in trades
    ]


AmountByOrder = dict[int, Decimal]


def _sums_at(trades: list[Trade], end: int) -> tuple[dict[int, int], AmountByOrder, AmountByOrder]:
    """Return volume, commission and swap before `end` by order.

    Parts that were closed afterwards are still in it, and swaps that were charged afterwards are
    not yet.
    """
    parts = list(Trade.objects.filter(parent__in=trades, close_time__gte=end))
    whole = {part.order: part.parent_id or 0 for part in parts}
    whole |= {trade.order: trade.order for trade in trades}
    volumes = dict.fromkeys(whole.values(), 0)
    commissions = dict.fromkeys(whole.values(), ZERO)
    swaps = dict.fromkeys(whole.values(), ZERO)
    for row in (*trades, *parts):
        volumes[whole[row.order]] += row.volume
        commissions[whole[row.order]] += row.commission
        swaps[whole[row.order]] += row.storage
    later = SwapCharge.objects.filter(trade__in=list(whole), correction=None)
    for order, amount in later.filter(night__moment__gte=end).values_list("trade", "amount"):
        swaps[whole[order]] -= amount
    return volumes, commissions, swaps


def _floating_profit(valuation: Valuation, trade: Trade) -> Decimal | None:
    """Return the profit now in cents; None without a price or rate."""
    try:
        return round_to_currency(valuation.floating_profit(trade), valuation.currency)
    except OffQuotes:
        return None
