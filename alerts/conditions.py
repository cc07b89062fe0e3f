"""The thirteen conditions, and the levels that an alert sleeps between: pure, over one side's path.

Every condition is told by *zones*: its level or channel cuts the prices into below (-1), inside
(0) and above (+1). A level that is reached at equality belongs to the zone beyond it, so its
inside is empty. Prices are floats, which compare exactly as they were written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from math import inf, nextafter
from typing import NamedTuple

from alerts.enums import MOVING, NEEDS_PREVIOUS, Condition, Status
from core.money import exact

GRID = Decimal(1).scaleb(-8)  # no price is finer
DIGITS = 64  # enough for any reference · percent to be exact
PERCENT = (Condition.MOVING_UP_PERCENT, Condition.MOVING_DOWN_PERCENT)
MOVING_UP = (Condition.MOVING_UP, Condition.MOVING_UP_PERCENT)
MOVING_DOWN = (Condition.MOVING_DOWN, Condition.MOVING_DOWN_PERCENT)
LEVEL_IS_ABOVE = (Condition.CROSSING_UP, Condition.LESS, *MOVING_UP)
LEVEL_IS_BELOW = (Condition.CROSSING_DOWN, Condition.GREATER, *MOVING_DOWN)
# These would fire with every quote; repeating, they wait until they were false in between.
LASTING = (Condition.GREATER, Condition.LESS, Condition.INSIDE, Condition.OUTSIDE)

Wake = tuple[float | None, float | None]
ASLEEP: Wake = (None, None)  # no price wakes it, but the end of its cool-down
Edges = tuple[float, float]  # the first and the last price inside


class Point(NamedTuple):
    """One side of a quote; times are unix milliseconds."""

    price: float
    time: int
    received: int
    number: int

    @property
    def second(self) -> int:
        """Its time in whole unix seconds, as clients are told it."""
        return self.time // 1000


class Firing(NamedTuple):
    """The segment that fired: the quote before, where there was one, and the one that did it."""

    previous: Point | None
    point: Point


@dataclass(frozen=True, slots=True)
class Watch:
    """What an alert asks for, and its state. `low` and `high` are both the target where it has one.

    `expires_at` is in unix seconds, 0 never; `outage` in milliseconds between two receipts. For
    `cooldown` seconds after it fired, until `rests_until` (unix seconds), it does not fire again.
    """

    condition: Condition
    low: Decimal
    high: Decimal
    threshold: Decimal
    repeat: bool
    expires_at: int
    outage: int
    reference: Decimal
    armed: bool = True
    cooldown: int = 0
    rests_until: int = 0
    status: Status = Status.ACTIVE


def _rises(before: int, now: int) -> bool:
    return before < 0 < now


def _falls(before: int, now: int) -> bool:
    return before > 0 > now


def _enters(before: int, now: int) -> bool:
    return before not in (0, now)  # into the inside, or through it


def _leaves(before: int, now: int) -> bool:
    return now not in (0, before)  # out of the inside, or through it


def _above(_: int, now: int) -> bool:
    return now > 0


def _below(_: int, now: int) -> bool:
    return now < 0


def _inside(_: int, now: int) -> bool:
    return now == 0


def _outside(_: int, now: int) -> bool:
    return now != 0


FIRES: dict[Condition, Callable[[int, int], bool]] = {
    Condition.CROSSING_UP: _rises,
    Condition.CROSSING_DOWN: _falls,
    Condition.CROSSING: _enters,
    Condition.GREATER: _above,
    Condition.LESS: _below,
    Condition.ENTERING: _enters,
    Condition.EXITING: _leaves,
    Condition.INSIDE: _inside,
    Condition.OUTSIDE: _outside,
    **dict.fromkeys(MOVING_UP, _above),
    **dict.fromkeys(MOVING_DOWN, _below),
}


def edges(watch: Watch) -> Edges:
    """The first and the last price of the inside; crossed over where nothing is inside."""
    low, high = float(watch.low), float(watch.high)
    if watch.condition in MOVING:
        low = high = float(_moved(watch))
    if watch.condition in LEVEL_IS_ABOVE:
        return low, nextafter(low, -inf)
    if watch.condition in LEVEL_IS_BELOW:
        return nextafter(high, inf), high
    return low, high


def _moved(watch: Watch) -> Decimal:
    """The price that is far enough from the reference, on the grid of prices."""
    with localcontext(prec=DIGITS):
        step = watch.threshold
        if watch.condition in PERCENT:
            step = watch.reference * watch.threshold / 100
        if watch.condition in MOVING_UP:
            return (watch.reference + step).quantize(GRID, ROUND_CEILING)
        return (watch.reference - step).quantize(GRID, ROUND_FLOOR)


def zone(price: float, within: Edges) -> int:
    """Where a price is: -1 below, 0 inside, +1 above."""
    low, high = within
    if price > high:
        return 1
    return -1 if price < low else 0


def wake(watch: Watch, price: float | None, second: int = 0) -> Wake:
    """(up, down): nothing can happen while the price stays below `up` and above `down`.

    `price` is the last one, of that unix second; without one, or where the next quote fires if the
    price stays as it is, any quote wakes. Nothing can happen to an armed alert in its cool-down
    either, whatever the price does: ASLEEP.
    """
    if watch.armed and second < watch.rests_until:
        return ASLEEP
    if price is None:
        return -inf, None
    low, high = within = edges(watch)
    here = zone(price, within)
    if watch.armed and FIRES[watch.condition](here, here):
        return -inf, None
    if here < 0:
        return low, None
    if here > 0:
        return None, high
    return nextafter(high, inf), nextafter(low, -inf)


def walk(watch: Watch, before: Point | None, points: Sequence[Point]) -> tuple[list[Firing], Watch]:
    """Step through the quotes after `before`: what fires, and the state after the last one.

    A quote later than `expires_at` ends it without firing; one at that very moment still counts.
    A quote in the cool-down fires nothing and uses nothing up: the reference stays where it was,
    and what was false in between stays armed, so the first quote after it fires if it then holds.
    """
    firings: list[Firing] = []
    within = edges(watch)
    for point in points:
        if 0 < watch.expires_at * 1000 < point.time:
            return firings, replace(watch, status=Status.EXPIRED)
        true = _true(watch, within, before, point)
        if not true and not watch.armed:
            watch = replace(watch, armed=True)
        if true and watch.armed and point.second >= watch.rests_until:
            firings.append(Firing(before, point))
            if not watch.repeat:
                return firings, replace(watch, status=Status.TRIGGERED)
            watch = _fired(watch, point)
            within = edges(watch)
        before = point
    return firings, watch


def _fired(watch: Watch, point: Point) -> Watch:
    """A repeating alert after it has fired at this quote."""
    return replace(
        watch,
        reference=exact(point.price) if watch.condition in MOVING else watch.reference,
        armed=watch.condition not in LASTING,
        rests_until=point.second + watch.cooldown,
    )


def _true(watch: Watch, within: Edges, previous: Point | None, point: Point) -> bool:
    now = zone(point.price, within)
    if watch.condition not in NEEDS_PREVIOUS:
        return FIRES[watch.condition](now, now)
    if previous is None or point.received - previous.received > watch.outage:
        return False  # nothing to compare with, or a price from before an outage
    return FIRES[watch.condition](zone(previous.price, within), now)
