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

from alerts.window import Hull

if TYPE_CHECKING:
    from alerts.models import Alert

Nearest = tuple[str, int, float, float, int]  # symbol, side, up, down, ends
HIGHEST, LOWEST, NEVER = float_info.max, -float_info.max, 2**53  # JSON has no infinity


class Quiet:
    """The nearest wake levels by symbol and side; a missing side must be loaded."""

    def __init__(self, stored: str = "") -> None:
        # By side (0 bid, 1 ask): symbol → [up, down, ends].
        self._sides: list[dict[str, list[float]]] = orjson.loads(stored) if stored else [{}, {}]
        self.changed = False

    def touched(self, hulls: Iterable[Hull]) -> list[Hull]:
        """Return the price ranges that cross a wake level, or whose side must be loaded."""
        sides = self._sides
        found = []
        for hull in hulls:
            known = sides[hull.side].get(hull.symbol)
            if (
                known is None
                or hull.high >= known[0]
                or hull.low <= known[1]
                or hull.newest > known[2]
            ):
                found.append(hull)
        return found

    def renew(self, nearest: Iterable[Nearest]) -> None:
        """Replace the wake levels of these sides by those from the database."""
        for symbol, side, up, down, ends in nearest:
            self._sides[side][symbol] = [_bounded(up), _bounded(down), ends]
            self.changed = True

    def narrow(self, alerts: "Sequence[Alert]") -> None:
        """Narrow the loaded wake levels to those of these newly evaluated alerts."""
        for alert in alerts:
            known = self._sides[alert.side].get(alert.symbol_id)
            if known is not None:
                up = HIGHEST if alert.wake_up is None else _bounded(alert.wake_up)
                down = LOWEST if alert.wake_down is None else _bounded(alert.wake_down)
                after = alert.wakes_after
                ends = NEVER if after is None else after
                known[:] = min(known[0], up), max(known[1], down), min(known[2], ends)
                self.changed = True

    def stored(self) -> str:
        """Return the text that the checkpoint stores."""
        return orjson.dumps(self._sides).decode()


def _bounded(level: float) -> float:
    """Bound a level to finite numbers, as JSON has no infinity."""
    return min(max(level, LOWEST), HIGHEST)
