"""What a window may overlook: the nearest levels of all evaluated alerts, kept with the place.

Of each symbol's side three numbers: as long as its price stays below `up` and above `down`, and no
quote is newer than `ends` (unix seconds), nothing can happen to any of its alerts that are not
fresh. So a window that touches nothing asks the database nothing, however many alerts there are.

The numbers may be too narrow (an alert was edited or deleted since), never too wide: whoever
writes an alert makes it fresh, and only the evaluation, which holds the place, makes it asleep.
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
    """The numbers of all sides; a side that is not in it is to be asked for."""

    def __init__(self, stored: str = "") -> None:
        # One for each side, whose numbers are 0 and 1.
        self._sides: list[dict[str, list[float]]] = orjson.loads(stored) if stored else [{}, {}]
        self.changed = False

    def touched(self, hulls: Iterable[Hull]) -> list[Hull]:
        """Those to whose alerts something may happen."""
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
        """Take over what the database says of some sides."""
        for symbol, side, up, down, ends in nearest:
            self._sides[side][symbol] = [_bounded(up), _bounded(down), ends]
            self.changed = True

    def narrow(self, alerts: "Sequence[Alert]") -> None:
        """These alerts fall asleep as well."""
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
        """As the place keeps it."""
        return orjson.dumps(self._sides).decode()


def _bounded(level: float) -> float:
    return min(max(level, LOWEST), HIGHEST)
