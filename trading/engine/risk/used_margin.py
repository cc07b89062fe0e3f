"""Used margin by `trading.valuation`, computed when positions change and not when quotes do.

In rate mode `open` the margin is a number until then. In mode `mid` the margin in a symbol is
proportional to price · rate: the book stores it at 1 · 1 and multiplies.
"""

from collections.abc import Sequence
from decimal import Decimal

from accounts.models import Account, Group
from market.catalog import Catalog
from market.conversion import ConversionRate, ConversionSide, Converter
from market.quotes.quote import Quote
from trading.valuation.account import Valuation
from trading.valuation.positions import Position

ONE = Decimal(1)
NO_PATHS = Converter([])
NO_CATALOG = Catalog({}, NO_PATHS)  # without terms: no group marks these quotes up


class NoQuotes:
    """Quotes of no symbol."""

    catalog = NO_CATALOG

    def get(self, symbol: str) -> None:
        return None


class UnitQuotes:
    """Quotes in which every price is 1."""

    catalog = NO_CATALOG

    def get(self, symbol: str) -> Quote:
        return Quote(symbol, ONE, ONE, 0, 0, 0)


class UnitRateValuation(Valuation):
    """A valuation in which every rate is 1."""

    def rate(self, source: str, side: ConversionSide) -> ConversionRate:
        return ConversionRate(ONE, [])


def margin_at_open(group: Group, leverage: int, positions: Sequence[Position]) -> float:
    """Return the margin at the prices and rates of the opens, in the account's currency."""
    account = Account(group=group, leverage=leverage)
    return float(Valuation(account, NO_PATHS, NoQuotes()).used_margin(positions))


def unit_margin(group: Group, leverage: int, positions: Sequence[Position]) -> float:
    """Return the margin of a symbol's positions at price 1 and rate 1."""
    account = Account(group=group, leverage=leverage)
    return float(UnitRateValuation(account, NO_PATHS, UnitQuotes()).used_margin(positions))
