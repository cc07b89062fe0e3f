"""Prices on their symbol's digits: quotes and the levels of orders are on one grid."""

from decimal import Decimal

from core.money import exact, rounded

TOLERANCE = Decimal("0.01")  # points; a source's float noise is far below it
CLEAR = 1e-6  # points; nearer to an edge than that, floats do not decide
EXACT = 1e9  # points; up to here floats know a point's millionth


def on_digits(price: float, digits: int) -> tuple[float, bool]:
    """The price at `digits` decimals, half away from zero, and whether it was moved noticeably.

    Noticeable is more than TOLERANCE. The decimal that the float was written as is what is rounded.
    """
    scale = 10.0**digits
    points = price * scale
    whole = (points + 0.5) // 1.0
    moved = abs(points - whole)
    if points < EXACT and moved < 0.5 - CLEAR and abs(moved - 0.01) > CLEAR:
        return whole / scale, moved > 0.01
    written = exact(price)
    result = rounded(written, digits)
    return float(result), abs(result - written) > TOLERANCE.scaleb(-digits)
