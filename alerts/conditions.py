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

from alerts.enums import MOVING_CONDITIONS, NEEDS_PREVIOUS, AlertStatus, Condition
from core.money import exact_decimal

PRICE_GRID = Decimal(1).scaleb(-8)  # the finest price step
PRECISION = 64  # digits; reference · percent is exact
PERCENT_CONDITIONS = (Condition.MOVING_UP_PERCENT, Condition.MOVING_DOWN_PERCENT)
MOVING_UP_CONDITIONS = (Condition.MOVING_UP, Condition.MOVING_UP_PERCENT)
MOVING_DOWN_CONDITIONS = (Condition.MOVING_DOWN, Condition.MOVING_DOWN_PERCENT)
LEVEL_IS_ABOVE = (Condition.CROSSING_UP, Condition.LESS, *MOVING_UP_CONDITIONS)
LEVEL_IS_BELOW = (Condition.CROSSING_DOWN, Condition.GREATER, *MOVING_DOWN_CONDITIONS)
# True for a while: repeating, they fire again only after they were false.
STATE_CONDITIONS = (Condition.GREATER, Condition.LESS, Condition.INSIDE, Condition.OUTSIDE)

WakePrices = tuple[float | None, float | None]
NO_WAKE_PRICES: WakePrices = (None, None)  # in its cool-down: only its end wakes the alert
Edges = tuple[float, float]  # the first and the last price inside


class MarketPrices(NamedTuple):
    """The market's quote behind a price with a mark-up: of so many points, or a fixed spread."""

    bid: float
    ask: float
    markup: int | None
    spread: int | None


class SideQuote(NamedTuple):
    """One side of a quote as the account sees it; times are unix ms.

    `number` is the sequence number. `market` is known where the account's group has a mark-up.
    """

    price: float
    time: int
    received: int
    number: int
    market: MarketPrices | None = None

    @property
    def second(self) -> int:
        """Return the source time in whole unix seconds, as clients see it."""
        return self.time // 1000


class Firing(NamedTuple):
    """The quote that met the condition, and the quote before it if there was one."""

    previous: SideQuote | None
    quote: SideQuote


@dataclass(frozen=True, slots=True)
class ConditionState:
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
    status: AlertStatus = AlertStatus.ACTIVE


def _crosses_up(before: int, now: int) -> bool:
    return before < 0 < now


def _crosses_down(before: int, now: int) -> bool:
    return before > 0 > now


def _enters_inside(before: int, now: int) -> bool:
    return before not in (0, now)  # into the inside, or through it


def _leaves_inside(before: int, now: int) -> bool:
    return now not in (0, before)  # out of the inside, or through it


def _is_above(_: int, now: int) -> bool:
    return now > 0


def _is_below(_: int, now: int) -> bool:
    return now < 0


def _is_inside(_: int, now: int) -> bool:
    return now == 0


def _is_outside(_: int, now: int) -> bool:
    return now != 0


IS_MET: dict[Condition, Callable[[int, int], bool]] = {
    Condition.CROSSING_UP: _crosses_up,
    Condition.CROSSING_DOWN: _crosses_down,
    Condition.CROSSING: _enters_inside,
    Condition.GREATER: _is_above,
    Condition.LESS: _is_below,
    Condition.ENTERING: _enters_inside,
    Condition.EXITING: _leaves_inside,
    Condition.INSIDE: _is_inside,
    Condition.OUTSIDE: _is_outside,
    **dict.fromkeys(MOVING_UP_CONDITIONS, _is_above),
    **dict.fromkeys(MOVING_DOWN_CONDITIONS, _is_below),
}


def inside_edges(state: ConditionState) -> Edges:
    """Return the first and the last price of the inside; first > last if it is empty."""
    low, high = float(state.low), float(state.high)
    if state.condition in MOVING_CONDITIONS:
        low = high = float(move_target(state))
    if state.condition in LEVEL_IS_ABOVE:
        return low, nextafter(low, -inf)
    if state.condition in LEVEL_IS_BELOW:
        return nextafter(high, inf), high
    return low, high


def move_target(state: ConditionState) -> Decimal:
    """Return the price at which the move from the reference is complete, on the price grid."""
    with localcontext(prec=PRECISION):
        step = state.threshold
        if state.condition in PERCENT_CONDITIONS:
            step = state.reference * state.threshold / 100
        if state.condition in MOVING_UP_CONDITIONS:
            return (state.reference + step).quantize(PRICE_GRID, ROUND_CEILING)
        return (state.reference - step).quantize(PRICE_GRID, ROUND_FLOOR)


def zone_of(price: float, within: Edges) -> int:
    """Return the zone of a price: -1 below, 0 inside, +1 above."""
    low, high = within
    if price > high:
        return 1
    return -1 if price < low else 0


def wake_prices(state: ConditionState, price: float | None, second: int = 0) -> WakePrices:
    """Return (up, down): nothing can happen while the price stays below `up` and above `down`.

    `price` is the last price, at unix second `second`. Without a price, or if the next
    quote fires at an unchanged price, any quote wakes the alert. In its cool-down an armed
    alert has NO_WAKE_PRICES.
    """
    if state.armed and second < state.rests_until:
        return NO_WAKE_PRICES
    if price is None:
        return -inf, None
    low, high = within = inside_edges(state)
    here = zone_of(price, within)
    if state.armed and IS_MET[state.condition](here, here):
        return -inf, None
    if here < 0:
        return low, None
    if here > 0:
        return None, high
    return nextafter(high, inf), nextafter(low, -inf)


def evaluate_quotes(
    state: ConditionState, before: SideQuote | None, quotes: Sequence[SideQuote]
) -> tuple[list[Firing], ConditionState]:
    """Evaluate the quotes after `before`; return the firings and the state after them.

    A quote later than `expires_at` ends the alert without firing; one at exactly that time
    still counts. A quote in the cool-down fires nothing and changes nothing but the arming:
    the reference stays, and a condition that was false stays armed, so that the first quote
    after the cool-down fires if the condition holds then.
    """
    firings: list[Firing] = []
    within = inside_edges(state)
    for quote in quotes:
        if 0 < state.expires_at * 1000 < quote.time:
            return firings, replace(state, status=AlertStatus.EXPIRED)
        is_met = _holds(state, within, before, quote)
        if not is_met and not state.armed:
            state = replace(state, armed=True)
        if is_met and state.armed and quote.second >= state.rests_until:
            firings.append(Firing(before, quote))
            if not state.repeat:
                return firings, replace(state, status=AlertStatus.TRIGGERED)
            state = _after_firing(state, quote)
            within = inside_edges(state)
        before = quote
    return firings, state


def _after_firing(state: ConditionState, quote: SideQuote) -> ConditionState:
    """Return the state of a repeating alert after it fired at this quote."""
    return replace(
        state,
        reference=exact_decimal(quote.price)
        if state.condition in MOVING_CONDITIONS
        else state.reference,
        armed=state.condition not in STATE_CONDITIONS,
        rests_until=quote.second + state.cooldown,
    )


def _holds(
    state: ConditionState, within: Edges, previous: SideQuote | None, quote: SideQuote
) -> bool:
    """Check whether the condition holds at this quote, or is crossed by it."""
    now = zone_of(quote.price, within)
    if state.condition not in NEEDS_PREVIOUS:
        return IS_MET[state.condition](now, now)
    if previous is None or quote.received - previous.received > state.outage:
        return False  # nothing to compare with, or a price from before an outage
    return IS_MET[state.condition](zone_of(previous.price, within), now)
