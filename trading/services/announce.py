"""The last step of every trading service: log the change, and inform the engine of it."""

from market.quotes.quote import Quotes
from realtime.events.types import EventCode
from trading.enums import PENDING_CMDS
from trading.events import balance_event, trade_event
from trading.models import Trade
from trading.services.margin_actions import end_margin_call
from trading.unit.locked_account import LockedAccount
from trading.valuation.account import Figures, has_recovered

# Of a position or a finance row: the margin is another one then.
MARGIN_CHANGES = (EventCode.ADD, EventCode.ACTIVATE, EventCode.CLOSE)


def announce_changes(
    locked: LockedAccount,
    quotes: Quotes,
    *changes: tuple[Trade, EventCode],
    figures: Figures | None = None,
) -> None:
    """Append the changed trades and the balance to the event log, and inform the engine.

    `figures` are the account's after the changes, if the caller has computed them already.
    A margin call ends here when they are far enough above its level. The engine gets the change
    after the commit. Where the margin has changed, quotes up to those that are known now no
    longer judge it.
    """
    figures = figures or locked.figures(quotes)
    if any(code in MARGIN_CHANGES and trade.cmd not in PENDING_CMDS for trade, code in changes):
        locked.raise_margin_seen(quotes)
    if locked.account.margin_called and has_recovered(locked.account.group, figures):
        end_margin_call(locked, quotes)  # a new fall is a new call
    events = [trade_event(trade, code) for trade, code in changes]
    locked.append_events(*events, balance_event(locked.account, figures))
    locked.send_book_update(trade for trade, _ in changes)
