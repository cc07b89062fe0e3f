"""The nearest wake levels of all evaluated alerts, stored with the checkpoint.

For each symbol and side three numbers: as long as the price stays below `up` and above
`down`, and no quote is later than `ends` (unix seconds), nothing can happen to any of its
evaluated alerts. So a window that crosses none of them queries no alerts, however many
there are.

The range may be too narrow (an alert was edited or deleted since), never too wide: whoever
writes an alert marks it unevaluated, and only the evaluation, which holds the checkpoint,
clears the mark.
"""

from collections.abc import Iterable, Sequence
from sys import float_info
from typing import TYPE_CHECKING

import orjson

from market.quotes.quote_ranges import SUM, PriceRange, crosses

if TYPE_CHECKING:
    from alerts.models import Alert

NearestLevels = tuple[str, int, float, float, int]  # symbol, side, up, down, ends
HIGHEST, LOWEST, NEVER = float_info.max, -float_info.max, 2**53  # JSON has no infinity


class WakeLevels:
    """The nearest wake levels by symbol and side; a missing side must be loaded."""

    def __init__(self, stored: str = "") -> None:
        # By side (0 bid, 1 ask, 2 where any alert needs it their sum): symbol → [up, down, ends].
        self.sides: list[dict[str, list[float]]] = orjson.loads(stored) if stored else [{}, {}]
        self.changed = False

    def follow_sums(self, *, wanted: bool) -> None:
        """Have levels of the sums of bid and ask, or none: fixed spreads alone depend on them."""
        if wanted != (len(self.sides) > SUM):
            self.sides = [*self.sides[:SUM], {}][: SUM + wanted]
            self.changed = True

    def crossed(self, ranges: Iterable[PriceRange]) -> list[PriceRange]:
        """Return the price ranges that cross a wake level, or whose side must be loaded."""
        return [each for each in ranges if crosses(each, self.sides)]

    def replace(self, nearest: Iterable[NearestLevels]) -> None:
        """Replace the wake levels of these sides by those from the database."""
        for symbol, side, up, down, ends in nearest:
            self.sides[side][symbol] = [_finite(up), _finite(down), ends]
            self.changed = True

    def narrow(self, alerts: "Sequence[Alert]") -> None:
        """Narrow the loaded wake levels to those of these newly evaluated alerts."""
        for alert in alerts:
            levels = self.sides[alert.watched_side].get(alert.symbol_id)
            if levels is not None:
                up = HIGHEST if alert.wake_up is None else _finite(alert.wake_up)
                down = LOWEST if alert.wake_down is None else _finite(alert.wake_down)
                after = alert.wakes_after
                ends = NEVER if after is None else after
                levels[:] = min(levels[0], up), max(levels[1], down), min(levels[2], ends)
                self.changed = True

    def as_json(self) -> str:
        """Return the text that the checkpoint stores."""
        return orjson.dumps(self.sides).decode()


def _finite(level: float) -> float:
    """Bound a level to finite numbers, as JSON has no infinity."""
    return min(max(level, LOWEST), HIGHEST)
