"""Errors of the market."""

from core.errors import Denied, Invalid, NotFound, Refused, Unavailable


class SymbolNotFound(NotFound):
    code = "RET_SYMBOL_NOT_FOUND"
    default = "there is no such symbol"
    field = "symbol"


class SymbolNotAllowed(Denied):
    code = "SYMBOL_NOT_ALLOWED"
    default = "the account's group does not see this symbol"


class WatchSymbolNotFound(NotFound):
    code = "MARKET_WATCH_SYMBOL_NOT_FOUND"
    default = "the symbol is not on this list"


class TooManyWatched(Invalid):
    default = "there are too many symbols on the lists"


class OffQuotes(Unavailable):
    code = "RET_TRADE_OFFQUOTES"
    default = "there is no current quote"
    field = "symbol"


class MarketClosed(Refused):
    code = "RET_TRADE_MARKET_CLOSED"
    default = "the market is closed"
    field = "symbol"


class FeedNotPush(Refused):
    code = "FEED_NOT_PUSH"
    default = "quotes are not pushed to this feed"


class FeedBusy(Unavailable):
    code = "FEED_BUSY"
    default = "the feed did not take the quotes in time; nothing of them was accepted"
