"""Decimal helpers: one rounding, half away from zero, when a ledger row is written."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

ZERO = Decimal(0)
CURRENCY_DIGITS = {"JPY": 0, "KRW": 0, "HUF": 2}
DEFAULT_DIGITS = 2


def digits_of(currency: str) -> int:
    """Return how many decimals an amount of this currency has on the ledger."""
    return CURRENCY_DIGITS.get(currency, DEFAULT_DIGITS)


def round_amount(amount: Decimal, digits: int) -> Decimal:
    """Return `amount` at `digits` decimals, half away from zero (ROUND_HALF_UP is symmetric).

    Never a negative zero, which clients would be shown as -0.0.
    """
    return amount.quantize(smallest_step(digits), rounding=ROUND_HALF_UP) + ZERO


@cache
def smallest_step(digits: int) -> Decimal:
    """Return 1 at the last of so many decimals."""
    return Decimal(1).scaleb(-digits)


def round_to_currency(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` as it is written on the ledger of an account in `currency`."""
    return round_amount(amount, digits_of(currency))


def exact_decimal(number: float) -> Decimal:
    """Return the decimal that a float was written as: 1.1, not 1.100000000000000088…"""
    return Decimal(repr(number))
