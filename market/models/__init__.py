"""The tables of the market."""

from market.models.group_terms import GroupTerms
from market.models.markup import NO_MARKUP, Markup
from market.models.stored_prices import Candle, CandleCheckpoint, LastQuote
from market.models.symbol import LOT, Symbol, SymbolGroup, format_lots
from market.models.watch_item import WatchItem
from market.schedules import GroupSchedule, Holiday, Schedule

__all__ = [
    "LOT",
    "NO_MARKUP",
    "Candle",
    "CandleCheckpoint",
    "GroupSchedule",
    "GroupTerms",
    "Holiday",
    "LastQuote",
    "Markup",
    "Schedule",
    "Symbol",
    "SymbolGroup",
    "WatchItem",
    "format_lots",
]
