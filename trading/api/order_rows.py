"""Rows of orders that are named, with the floating profit of open positions."""

from collections.abc import Sequence

from accounts.models import Account
from trading.api.history_table import COLUMN_SOURCES, HISTORY_COLUMNS
from trading.api.trades_table import floating_profits
from trading.enums import MARKET_CMDS, State
from trading.models import Trade

CMD, STATE, PROFIT = map(HISTORY_COLUMNS.index, ("cmd", "state", "profit"))


def find_order_rows(account: Account, orders: Sequence[int]) -> list[list[object]]:
    """Return the rows of HISTORY_COLUMNS of those orders that the account has, in that order."""
    columns = [COLUMN_SOURCES.get(name, name) for name in HISTORY_COLUMNS]
    trades = Trade.objects.filter(account=account, order__in=orders).values_list(*columns)
    found: dict[object, list[object]] = {row[0]: list(row) for row in trades}
    rows = [found[order] for order in dict.fromkeys(orders) if order in found]
    positions = [row for row in rows if row[STATE] == State.OPEN and row[CMD] in MARKET_CMDS]
    if positions:
        profits = dict(zip(*floating_profits(account), strict=True))
        for row in positions:
            row[PROFIT] = profits.get(int(str(row[0])), row[PROFIT])
    return rows
