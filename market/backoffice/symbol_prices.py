"""Prices and distances for people, in the digits of their symbol."""

from decimal import Decimal

from backoffice.columns import format_price
from core.money import exact_decimal
from market.catalog import current_catalog, digits_of_symbol


def format_symbol_price(price: Decimal | float | None, symbol: str | None) -> str:
    """Format a price in the digits of the symbol with this name; 0 and None as a dash."""
    if isinstance(price, float):
        price = exact_decimal(price)
    return format_price(price, digits_of_symbol(symbol))


def format_points(distance: Decimal, symbol: str) -> str:
    """Format a distance of prices in the symbol's points, or as it is of an unknown symbol."""
    known = current_catalog().symbols.get(symbol)
    if known is None:
        return f"{distance.normalize():f}"
    points = distance / known.point
    number = f"{points:,.0f}" if points == points.to_integral() else f"{points:,.1f}"
    return f"{number} point{'' if number == '1' else 's'}"
