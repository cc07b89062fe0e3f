"""Rates to the reporting currency, for sums over accounts of several currencies."""

from collections.abc import Collection

from market.conversion import ConversionSide, Converter
from market.errors import OffQuotes
from market.quotes.quote import Quotes


def rates_to(
    currencies: Collection[str], target: str, paths: Converter, quotes: Quotes
) -> dict[str, float]:
    """Return a unit's value in `target` at mid by currency; those without a rate are left out."""
    found = {}
    for currency in currencies:
        try:
            found[currency] = float(
                paths.find_rate(currency, target, ConversionSide.MID, quotes).value
            )
        except OffQuotes:
            continue
    return found
