"""What every trading service says in its last line: to the client's log and the engine's book."""

from accounts.models import Account
from market.quotes import Quotes
from realtime import log
from realtime.events import EventCode
from trading.engine import news
from trading.events import balance_event, trade_event
from trading.models import Trade
from trading.valuation import current


def announce(account: Account, quotes: Quotes, *changes: tuple[Trade, EventCode]) -> None:
    """Log the changed trades with the figures they lead to; the engine hears after commit."""
    figures = current(account, quotes)
    events = [trade_event(trade, code) for trade, code in changes]
    log.append(account, *events, balance_event(account, figures))
    news.send(trade for trade, _ in changes)
