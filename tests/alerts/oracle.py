"""The table of the domain rules, section 7, over every quote in plain decimals: slow and obvious.

Independent of alerts.conditions: no zones, no wake levels, no floats.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


class Seen(NamedTuple):
    """A quote as an alert sees it."""

    price: Decimal
    time: int
    received: int


@dataclass
class Asked:
    """An alert; `end` in unix seconds, `outage` in ms."""

    condition: int
    target: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    threshold: Decimal = Decimal(0)
    reference: Decimal = Decimal(0)
    repeat: bool = False
    end: int = 0
    outage: int = 60_000


def crosses(a: Asked, p: Decimal, q: Decimal) -> bool:
    """Whether the segment p → q crosses the target, enters or exits the channel."""
    up, down = p < a.target <= q, p > a.target >= q
    was_inside, is_inside = a.low <= p <= a.high, a.low <= q <= a.high
    through = p < a.low < a.high < q or q < a.low < a.high < p
    return {
        0: up,
        1: down,
        12: up or down,
        4: (is_inside and not was_inside) or through,
        5: (was_inside and not is_inside) or through,
    }[a.condition]


def holds(a: Asked, q: Decimal) -> bool:
    """Whether the price q alone fulfils the condition."""
    return {
        2: q > a.target,
        3: q < a.target,
        6: a.low <= q <= a.high,
        7: q < a.low or q > a.high,
        8: q >= a.reference + a.threshold,
        9: q <= a.reference - a.threshold,
        10: q * 100 >= a.reference * (100 + a.threshold),
        11: q * 100 <= a.reference * (100 - a.threshold),
    }[a.condition]


def true(a: Asked, p: Decimal | None, q: Decimal) -> bool:
    """Whether the segment p → q fulfils the condition; p is None where it must not be used."""
    if a.condition in (0, 1, 4, 5, 12):
        return p is not None and crosses(a, p, q)
    return holds(a, q)


def firings(a: Asked, before: Seen | None, quotes: list[Seen]) -> tuple[list[int], str]:
    """The indexes of the quotes that fire, and the end: active, triggered or expired."""
    fired: list[int] = []
    was_true = False
    for index, quote in enumerate(quotes):
        if a.end and quote.time > a.end * 1000:
            return fired, "expired"
        fresh = before is not None and quote.received - before.received <= a.outage
        now_true = true(a, before.price if before and fresh else None, quote.price)
        if now_true and not (was_true and a.condition in (2, 3, 6, 7)):
            fired.append(index)
            if not a.repeat:
                return fired, "triggered"
            if a.condition in (8, 9, 10, 11):
                a.reference = quote.price
        was_true, before = now_true, quote
    return fired, "active"
