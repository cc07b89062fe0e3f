"""Partial closes: the pieces' profits add up to the profit of the whole, to the cent.

The pieces that were closed so far have earned an unrounded sum (`Trade.realized`) and were paid
that sum, rounded. A further piece is paid what the rounded sum then grows by. So at one price all
pieces together are paid exactly what one close of the whole would have been, ties included.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from core.money import cents

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)  # more digits than the column of `realized`
DECIMALS = 20  # of that column
STEP = Decimal(1).scaleb(-DECIMALS)
# Rates that were divided have 28 digits, and so a tie may come as 0.00499…: what is beyond this
# decimal is noise of the arithmetic and is taken away before the one rounding.
KNOWN_DECIMALS = 15
KNOWN = Decimal(1).scaleb(-KNOWN_DECIMALS)


class Share(NamedTuple):
    """A piece's profit as it is booked, and all that was realized with it, unrounded."""

    profit: Decimal
    realized: Decimal


def share(realized: Decimal, exact: Decimal, currency: str) -> Share:
    """The share of a piece whose unrounded profit is `exact`, after pieces that earned `realized`.

    A whole close is one piece after none.
    """
    total = EXACT.add(realized, exact).quantize(STEP, context=EXACT)
    return Share(paid(total, currency) - paid(realized, currency), total)


def paid(realized: Decimal, currency: str) -> Decimal:
    """What pieces that earned `realized` were paid in all."""
    return cents(realized.quantize(KNOWN, context=EXACT), currency)
