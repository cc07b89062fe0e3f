"""Rounding of prices to their symbol's digits: quotes and order levels share one grid."""

from decimal import Decimal

from core.money import exact_decimal, round_amount

TOLERANCE = Decimal("0.01")  # points; a source's float noise is far below it
EDGE_MARGIN = 1e-6  # points; nearer to an edge than that, decimals decide instead of floats
LARGEST_EXACT_POINTS = 1e9  # points; up to here a float resolves a millionth of a point


def round_to_digits(price: float, digits: int) -> tuple[float, bool]:
    """Return the price at `digits` decimals, and whether that moved it noticeably.

    Rounds half away from zero, starting from the decimal that the float was written as.
    Noticeable is more than TOLERANCE.
    """
    scale = 10.0**digits
    points = price * scale
    whole = (points + 0.5) // 1.0
    moved = abs(points - whole)
    if (
        points < LARGEST_EXACT_POINTS
        and moved < 0.5 - EDGE_MARGIN
        and abs(moved - 0.01) > EDGE_MARGIN
    ):
        return whole / scale, moved > 0.01
    written = exact_decimal(price)
    result = round_amount(written, digits)
    return float(result), abs(result - written) > TOLERANCE.scaleb(-digits)
