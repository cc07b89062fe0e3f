"""The thirteen alert conditions and their wake levels: pure functions over one side's quotes.

Every condition is defined by *zones*: its level or channel divides the prices into below
(-1), inside (0) and above (+1). A level that counts as reached at equality belongs to the
zone beyond it, and nothing is inside. Prices are floats, which compare exactly as they were
written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from math import inf, nextafter
from typing import NamedTuple

from alerts.enums import MOVING, NEEDS_PREVIOUS, Condition, Status
from core.money import exact

GRID = Decimal(1).scaleb(-8)  # the finest price step
DIGITS = 64  # digits; reference · percent is exact
PERCENT = (Condition.MOVING_UP_PERCENT, Condition.MOVING_DOWN_PERCENT)
MOVING_UP = (Condition.MOVING_UP, Condition.MOVING_UP_PERCENT)
MOVING_DOWN = (Condition.MOVING_DOWN, Condition.MOVING_DOWN_PERCENT)
LEVEL_IS_ABOVE = (Condition.CROSSING_UP, Condition.LESS, *MOVING_UP)
LEVEL_IS_BELOW = (Condition.CROSSING_DOWN, Condition.GREATER, *MOVING_DOWN)
# True for a while: repeating, they fire again only after they were false.
LASTING = (Condition.GREATER, Condition.LESS, Condition.INSIDE, Condition.OUTSIDE)

Wake = tuple[float | None, float | None]
ASLEEP: Wake = (None, None)  # in its cool-down: only its end wakes the alert
Edges = tuple[float, float]  # the first and the last price inside


class Point(NamedTuple):
    """One side of a quote; times are unix ms, `number` is the sequence number."""

    price: float
    time: int
    received: int
    number: int

    @property
    def second(self) -> int:
        """Return the source time in whole unix seconds, as clients see it."""
        return self.time // 1000


class Firing(NamedTuple):
    """The quote that met the condition, and the quote before it if there was one."""

    previous: Point | None
    point: Point


@dataclass(frozen=True, slots=True)
class Watch:
    """A condition with its levels and its state; `low` and `high` both hold a single target.

    `expires_at` is in unix seconds, 0 never. A receipt more than `outage` ms after the
    previous one cannot cross anything. After a firing the alert does not fire for
    `cooldown` seconds, until `rests_until` (unix seconds).
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
    """Return the first and the last price of the inside; first > last if it is empty."""
    low, high = float(watch.low), float(watch.high)
    if watch.condition in MOVING:
        low = high = float(_moved(watch))
    if watch.condition in LEVEL_IS_ABOVE:
        return low, nextafter(low, -inf)
    if watch.condition in LEVEL_IS_BELOW:
        return nextafter(high, inf), high
    return low, high


def _moved(watch: Watch) -> Decimal:
    """Return the price at which the move from the reference is complete, on the price grid."""
    with localcontext(prec=DIGITS):
        step = watch.threshold
        if watch.condition in PERCENT:
            step = watch.reference * watch.threshold / 100
        if watch.condition in MOVING_UP:
            return (watch.reference + step).quantize(GRID, ROUND_CEILING)
        return (watch.reference - step).quantize(GRID, ROUND_FLOOR)


def zone(price: float, within: Edges) -> int:
    """Return the zone of a price: -1 below, 0 inside, +1 above."""
    low, high = within
    if price > high:
        return 1
    return -1 if price < low else 0


def wake(watch: Watch, price: float | None, second: int = 0) -> Wake:
    """Return (up, down): nothing can happen while the price stays below `up` and above `down`.

    `price` is the last price, at unix second `second`. Without a price, or if the next
    quote fires at an unchanged price, any quote wakes the alert. In its cool-down an armed
    alert has NO_WAKE_PRICES.
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
    """Evaluate the quotes after `before`; return the firings and the state after them.

    A quote later than `expires_at` ends the alert without firing; one at exactly that time
    still counts. A quote in the cool-down fires nothing and changes nothing but the arming:
    the reference stays, and a condition that was false stays armed, so that the first quote
    after the cool-down fires if the condition holds then.
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
    """Return the state of a repeating alert after it fired at this quote."""
    return replace(
        watch,
        reference=exact(point.price) if watch.condition in MOVING else watch.reference,
        armed=watch.condition not in LASTING,
        rests_until=point.second + watch.cooldown,
    )


def _true(watch: Watch, within: Edges, previous: Point | None, point: Point) -> bool:
    """Check whether the condition holds at this quote, or is crossed by it."""
    now = zone(point.price, within)
    if watch.condition not in NEEDS_PREVIOUS:
        return FIRES[watch.condition](now, now)
    if previous is None or point.received - previous.received > watch.outage:
        return False  # nothing to compare with, or a price from before an outage
    return FIRES[watch.condition](zone(previous.price, within), now)
