"""Columns of prices in the digits of the row's symbol."""

from operator import attrgetter

from backoffice.columns import Column, price_columns
from market.catalog import digits_of_symbol


def symbol_prices(*fields: str, symbol: str = "symbol_id") -> list[Column]:
    """Return columns of prices; `symbol` is the path to the symbol's name, by dots."""
    name = attrgetter(symbol)
    return price_columns(*fields, digits=lambda row: digits_of_symbol(name(row)))
