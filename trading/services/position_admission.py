"""Admission of a position: its charges, its margin rate, and the free margin after it."""

from decimal import Decimal

from accounts.models import Account
from core.money import round_to_currency
from market.catalog import current_converter
from market.conversion import ConversionRate
from market.quotes.quote import Quotes
from trading import errors
from trading.models import Trade
from trading.valuation import formulas
from trading.valuation.account import Valuation
from trading.valuation.position_sums import PositionSums

COMMENT_LENGTH = 128


def admit_position(
    valuation: Valuation, trade: Trade, price: Decimal, sums: PositionSums
) -> dict[str, ConversionRate]:
    """Set a new position's margin rate and commission; refuse it if margin does not suffice.

    The free margin after it, with its own commission and spread, must not be negative.
    `sums` are those of the others that are open. Returns the rates, which are evidence.

    Raises:
        NoMoney: it would be negative.
        OffQuotes: nothing converts the margin or the commission.
    """
    rates = apply_charges(valuation, trade, price)
    if valuation.free_margin_with(sums, trade) < 0:
        raise errors.NoMoney
    return rates


def apply_charges(valuation: Valuation, trade: Trade, price: Decimal) -> dict[str, ConversionRate]:
    """Set an order's margin rate and commission; return the rates, which are evidence.

    Raises:
        OffQuotes: nothing converts the margin or the commission.
    """
    symbol = trade.instrument
    rates = {"margin": valuation.margin_rate(symbol, trade.direction)}
    trade.margin_rate = rates["margin"].value
    amount, currency = formulas.opening_commission(symbol, trade.volume, price)
    if currency is not None and amount:
        rates["commission"] = valuation.commission_rate(currency)
        amount *= rates["commission"].value
    trade.commission = -round_to_currency(amount, valuation.currency)
    return rates


def strict_valuation(account: Account, quotes: Quotes) -> Valuation:
    """Return the account's valuation at these quotes; an unknown price raises OffQuotes there."""
    return Valuation(account, current_converter(), quotes, strict=True)
