"""The account statement: what ended in a period."""

from django.db.models import Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import Account
from api.long_table import MOST_ROWS, ReadyJSON, write_long_table
from trading.api.trades_table import STRUCTURE
from trading.models import Trade

HISTORY_COLUMNS = tuple(name for name in STRUCTURE if name != "net_profit")
COLUMN_SOURCES: dict[str, str | Combinable] = {
    "login": "account_id",
    "symbol": Coalesce("symbol_id", Value("")),
}


def history_table(account: Account, begin: int, end: int) -> ReadyJSON:
    """Build the table of closed trades and finance operations by close time.

    `begin` and `end` are unix seconds, both included.

    Raises:
        TableTooLarge: more than MOST_ROWS rows; sums over a part of them would be wrong.
    """
    rows = Trade.objects.ended().filter(account=account, close_time__range=(begin, end))
    columns = [COLUMN_SOURCES.get(name, name) for name in HISTORY_COLUMNS]
    listed = rows.order_by("-close_time", "-order").values_list(*columns)
    return write_long_table(HISTORY_COLUMNS, listed, most=MOST_ROWS)
