"""Trigger levels in numpy arrays: one table for a symbol's side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import numpy as np

from trading.engine.arrays import ColumnTable, SortedIntMap


class TriggerSide(IntEnum):
    """Which price of a quote a trigger compares, and from where it is reached.

    The sum of bid and ask is compared where a fixed spread makes both prices of an account.
    """

    BID_FALLS = 0
    BID_RISES = 1
    ASK_FALLS = 2
    ASK_RISES = 3
    TIME = 4
    SUM_FALLS = 5
    SUM_RISES = 6


class TriggerKind(IntEnum):
    """What a trigger does; of one order's triggers in one quote the lowest kind acts first."""

    EXPIRY = 0
    STOP_LOSS = 1
    TAKE_PROFIT = 2
    PENDING = 3


@dataclass(frozen=True, slots=True)
class Trigger:
    """An order's trigger level; only quotes with a number after `seen` can reach it.

    `level` is in the market's terms; `price` is that of the order, on the side `own_side` of the
    quotes that its account sees.
    """

    level: float
    seen: int
    order: int
    kind: TriggerKind
    price: float
    own_side: TriggerSide


class TriggerLevels(ColumnTable):
    """The triggers of one side; an order has at most one of them in it."""

    SCHEMA: ClassVar = {
        "level": np.float64,
        "seen": np.int64,
        "order": np.int64,
        "kind": np.int8,
        "price": np.float64,
        "own_side": np.int8,
    }

    def __init__(self) -> None:
        super().__init__()
        self._row_by_order = SortedIntMap()  # order → its row

    def add(self, trigger: Trigger) -> None:
        """Append a trigger of an order that has none here."""
        index = self.append(*(getattr(trigger, name) for name in self.SCHEMA))
        self._row_by_order.put(trigger.order, index)

    def remove(self, order: int) -> None:
        """Drop the trigger of the order, if there is one."""
        index = self._row_by_order.pop(order)
        if index >= 0 and self.drop(index) != index:
            self._row_by_order.put(int(self.data["order"][index]), index)

    def reached_by_fall(self, price: float) -> Iterator[Trigger]:
        """Yield the triggers that a fall to `price` reaches."""
        return self._triggers(np.flatnonzero(self.used("level") >= price))

    def reached_by_rise(self, price: float) -> Iterator[Trigger]:
        """Yield the triggers that a rise to `price` reaches."""
        return self._triggers(np.flatnonzero(self.used("level") <= price))

    def of_order(self, order: int) -> Iterator[Trigger]:
        """Yield the trigger of one order, or nothing."""
        index = self._row_by_order.get(order)
        return self._triggers([index] if index >= 0 else [])

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays and their map in bytes."""
        return super().nbytes + self._row_by_order.nbytes

    def _triggers(self, indexes: Iterable[int]) -> Iterator[Trigger]:
        level, seen, order, kind, price, side = self.data.values()
        for i in indexes:
            yield Trigger(
                float(level[i]),
                int(seen[i]),
                int(order[i]),
                TriggerKind(kind[i]),
                float(price[i]),
                TriggerSide(side[i]),
            )
