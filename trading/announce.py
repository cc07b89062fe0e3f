"""The last step of every trading service: log the change, and inform the engine of it."""

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
    """Append the changed trades and the balance to the event log, and inform the engine.

    `figures` are the account's after the changes, if the caller has computed them already.
    A margin call ends here when they are back above its level. The engine gets the change
    after the commit.
    """
    figures = figures or current(account, quotes)
    if account.margin_called and figures.level_type is LevelType.OK:  # a new fall is a new call
        recover(account, quotes)
    events = [trade_event(trade, code) for trade, code in changes]
    log.append(account, *events, balance_event(account, figures))
    book_updates.send((trade for trade, _ in changes), account)
