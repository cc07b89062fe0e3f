"""Partial closes: the profits of the parts add up to the profit of the whole, to the cent.

The parts closed so far have earned an unrounded sum (`Trade.realized`) and were paid that
sum, rounded. A further part is paid what the rounded sum grows by. So at one price all
parts together are paid exactly what one close of the whole would have been, ties included.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from core.money import round_to_currency

# More digits than the column of `realized`.
EXACT_CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
REALIZED_DECIMALS = 20  # of that column
REALIZED_STEP = Decimal(1).scaleb(-REALIZED_DECIMALS)
# Divided rates have 28 digits, so a tie may come as 0.00499…: whatever is beyond this decimal is
# noise of the arithmetic and is rounded away before the one rounding to cents.
RELIABLE_DECIMALS = 15
RELIABLE_STEP = Decimal(1).scaleb(-RELIABLE_DECIMALS)


class RealisedShare(NamedTuple):
    """A part's profit as it is posted, and the unrounded sum realised including it."""

    profit: Decimal
    realized: Decimal


def realised_share(realized: Decimal, exact: Decimal, currency: str) -> RealisedShare:
    """Return the share of a further part whose unrounded profit is `exact`.

    `realized` is what the parts before it earned, unrounded. A whole close is one part
    after none.
    """
    total = EXACT_CONTEXT.add(realized, exact).quantize(REALIZED_STEP, context=EXACT_CONTEXT)
    return RealisedShare(amount_paid(total, currency) - amount_paid(realized, currency), total)


def amount_paid(realized: Decimal, currency: str) -> Decimal:
    """Return what parts that earned `realized` unrounded were paid in all."""
    return round_to_currency(realized.quantize(RELIABLE_STEP, context=EXACT_CONTEXT), currency)
