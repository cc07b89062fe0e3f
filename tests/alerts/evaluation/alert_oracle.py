"""The table of the domain rules, section 7, over every quote in plain decimals: slow and obvious.

Independent of alerts.conditions: no zones, no wake levels, no floats.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import NamedTuple


class AlertQuote(NamedTuple):
    """A quote as an alert sees it."""

    price: Decimal
    time: int
    received: int


@dataclass
class OracleAlert:
    """An alert; `end` in unix seconds, `outage` in ms, `cooldown` in seconds."""

    condition: int
    target: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    threshold: Decimal = Decimal(0)
    reference: Decimal = Decimal(0)
    repeat: bool = False
    end: int = 0
    outage: int = 60_000
    cooldown: int = 0


def condition_for(a: OracleAlert) -> Callable[[Decimal, Decimal], bool]:
    """Return whether the move p → q fulfils the condition with the alert's present reference."""
    target, low, high, reference = a.target, a.low, a.high, a.reference
    up, down = reference + a.threshold, reference - a.threshold
    up_percent = reference * (100 + a.threshold)
    down_percent = reference * (100 - a.threshold)
    rules: dict[int, Callable[[Decimal, Decimal], bool]] = {
        0: lambda p, q: p < target <= q,
        1: lambda p, q: p > target >= q,
        12: lambda p, q: p < target <= q or p > target >= q,
        2: lambda _, q: q > target,
        3: lambda _, q: q < target,
        4: lambda p, q: (low <= q <= high and not low <= p <= high) or through(p, q),
        5: lambda p, q: (low <= p <= high and not low <= q <= high) or through(p, q),
        6: lambda _, q: low <= q <= high,
        7: lambda _, q: q < low or q > high,
        8: lambda _, q: q >= up,
        9: lambda _, q: q <= down,
        10: lambda _, q: q * 100 >= up_percent,
        11: lambda _, q: q * 100 <= down_percent,
    }

    def through(p: Decimal, q: Decimal) -> bool:
        return p < low < high < q or q < low < high < p

    return rules[a.condition]


def expected_firings(
    a: OracleAlert, before: AlertQuote | None, quotes: Iterable[AlertQuote]
) -> tuple[list[int], str]:
    """Return the indexes of the quotes that fire, and the end: active, triggered or expired."""
    fired: list[int] = []
    has_fired, rests, end = False, -1, a.end * 1000 if a.end else inf
    holds = condition_for(a)
    segment, lasting = a.condition in (0, 1, 4, 5, 12), a.condition in (2, 3, 6, 7)
    previous, received = (before.price, before.received) if before else (Decimal(0), -inf)
    for index, (price, time, now) in enumerate(quotes):
        if time > end:
            return fired, "expired"
        now_true = holds(previous, price)
        if now_true and segment and now - received > a.outage:
            now_true = False
        if not now_true:
            has_fired = False
        elif time // 1000 >= rests and not (has_fired and lasting):
            has_fired, rests = True, time // 1000 + a.cooldown
            fired.append(index)
            if not a.repeat:
                return fired, "triggered"
            if a.condition in (8, 9, 10, 11):
                a.reference = price
                holds = condition_for(a)
        previous, received = price, now
    return fired, "active"
