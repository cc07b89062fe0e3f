"""What can be valued, and what its floating profit depends on besides quotes and the account."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from market.conversion import ConversionRate
from market.models import Symbol
from trading.valuation import formulas


@dataclass(frozen=True, slots=True)
class ConvertedProfit:
    """A profit in the account's currency, with the rate that converted it."""

    amount: Decimal
    rate: ConversionRate


class ValuedTrade(Protocol):
    """What can be valued: a `Trade`, also an unsaved one, or a `Position`."""

    @property
    def instrument(self) -> Symbol: ...
    @property
    def direction(self) -> int: ...
    @property
    def volume(self) -> int: ...
    @property
    def open_price(self) -> Decimal: ...
    @property
    def commission(self) -> Decimal: ...
    @property
    def storage(self) -> Decimal: ...
    @property
    def margin_rate(self) -> Decimal: ...


class ProfitTerms(NamedTuple):
    """What a position's floating profit depends on besides quotes and the account."""

    symbol: str
    currency: str  # of the quotes
    direction: int
    open_price: Decimal
    units: Decimal
    factor: Decimal


def profit_terms(trade: ValuedTrade) -> ProfitTerms:
    """Return the terms of the trade's floating profit."""
    symbol = trade.instrument
    units, factor = symbol.base_units(trade.volume), formulas.tick_factor(symbol)
    name, currency = symbol.name, symbol.quote_currency
    return ProfitTerms(name, currency, trade.direction, trade.open_price, units, factor)
