"""What every trading service says in its last line: to the client's log and the engine's book."""

from accounts.models import Account
from market.quotes import Quotes
from realtime import log
from realtime.events import EventCode
from trading import book_updates
from trading.enums import LevelType
from trading.events import balance_event, trade_event
from trading.margin_log import recover
from trading.models import Trade
from trading.valuation import Figures, current


def announce(
    account: Account,
    quotes: Quotes,
    *changes: tuple[Trade, EventCode],
    figures: Figures | None = None,
) -> None:
    """Log the changed trades with the figures they lead to; the engine hears after commit.

    `figures` are the account's after the changes, where the caller has asked for them already.
    """
    figures = figures or current(account, quotes)
    if account.margin_called and figures.level_type is LevelType.OK:  # the next fall is a new call
        recover(account, quotes)
    events = [trade_event(trade, code) for trade, code in changes]
    log.append(account, *events, balance_event(account, figures))
    book_updates.send((trade for trade, _ in changes), account)
