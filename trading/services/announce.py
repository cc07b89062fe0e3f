"""The last step of every trading service: log the change, and inform the engine of it."""

from accounts.models import Account
from market.quotes.quote import Quotes
from realtime.events import event_log
from realtime.events.types import EventCode
from trading import book_updates
from trading.enums import LevelType
from trading.events import balance_event, trade_event
from trading.models import Trade
from trading.services.margin_actions import end_margin_call
from trading.valuation.account import Figures, current_figures


def announce_changes(
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
    figures = figures or current_figures(account, quotes)
    if account.margin_called and figures.level_type is LevelType.OK:  # a new fall is a new call
        end_margin_call(account, quotes)
    events = [trade_event(trade, code) for trade, code in changes]
    event_log.append_events(account, *events, balance_event(account, figures))
    book_updates.send_book_update((trade for trade, _ in changes), account)
