"""Mark-ups: how the prices that an account group sees differ from the market's."""

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple


class Markup(NamedTuple):
    """What is taken from the market's bid and added to its ask, in points, neither below 0.

    With a `spread` (points) the prices are that far apart instead, around the market's mid: the
    bid is rounded down to a point.
    """

    bid: int = 0
    ask: int = 0
    spread: int | None = None

    def apply(self, bid: Decimal, ask: Decimal, point: Decimal) -> tuple[Decimal, Decimal]:
        """Return bid and ask as the group sees them; a bid stays at least one point."""
        if self.spread is None:
            return max(bid - self.bid * point, point), ask + self.ask * point
        width = self.spread * point
        steps = ((bid + ask - width) / (2 * point)).to_integral_value(ROUND_FLOOR)
        seen = max(steps, Decimal(1)) * point
        return seen, seen + width


NO_MARKUP = Markup()
