"""Admission of a position: its charges, its margin rate, and the free margin after it."""

from decimal import Decimal

from accounts.models import Account
from core.money import round_to_currency
from market.catalog import current_converter
from market.conversion import ConversionRate
from market.quotes.quote import Quotes
from trading import refusals
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
    free_margin = valuation.free_margin_with(sums, trade)
    if free_margin < 0:
        raise refusals.no_money(free_margin, valuation.currency)
    return rates


def apply_charges(valuation: Valuation, trade: Trade, price: Decimal) -> dict[str, ConversionRate]:
    """Set an order's margin rate and commission; return the rates, which are evidence.

    Raises:
        OffQuotes: nothing converts the margin or the commission.
    """
    symbol = trade.instrument
    rates = {"margin": valuation.margin_rate(symbol, trade.direction)}
    trade.margin_rate = rates["margin"].value
    amount, rate = convert_charge(
        valuation, *formulas.opening_commission(symbol, trade.volume, price)
    )
    least, least_rate = convert_charge(valuation, *formulas.least_commission(symbol))
    if rate is not None:
        rates["commission"] = rate
    if least > amount and least_rate is not None:
        rates["commission_minimum"] = least_rate
    trade.commission = -round_to_currency(max(amount, least), valuation.currency)
    return rates


def convert_charge(
    valuation: Valuation, amount: Decimal, currency: str | None
) -> tuple[Decimal, ConversionRate | None]:
    """Return a charge in the account's currency, with the rate if it had to be converted.

    Raises:
        OffQuotes: nothing converts it.
    """
    if currency is None or not amount:
        return amount, None
    rate = valuation.commission_rate(currency)
    return amount * rate.value, rate


def strict_valuation(account: Account, quotes: Quotes) -> Valuation:
    """Return the account's valuation at these quotes; an unknown price raises OffQuotes there."""
    return Valuation(account, current_converter(), quotes, strict=True)
