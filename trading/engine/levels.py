"""Trigger levels in numpy arrays: one table for a symbol's side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import numpy as np

from trading.engine.columns import Columns, Index


class Kind(IntEnum):
    """What a trigger does; of one order's triggers in one quote the lowest kind acts first."""

    EXPIRY = 0
    STOP_LOSS = 1
    TAKE_PROFIT = 2
    PENDING = 3


@dataclass(frozen=True, slots=True)
class Watch:
    """An order's trigger level; only quotes with a number after `seen` can reach it."""

    level: float
    seen: int
    order: int
    kind: Kind


class Levels(Columns):
    """The triggers of one side; an order has at most one of them in it."""

    SCHEMA: ClassVar = {
        "level": np.float64,
        "seen": np.int64,
        "order": np.int64,
        "kind": np.int8,
    }

    def __init__(self) -> None:
        super().__init__()
        self._places = Index()  # order → its row

    def add(self, watch: Watch) -> None:
        """Append a trigger of an order that has none here."""
        place = self.append(watch.level, watch.seen, watch.order, watch.kind)
        self._places.put(watch.order, place)

    def remove(self, order: int) -> None:
        """Drop the trigger of the order, if there is one."""
        place = self._places.pop(order)
        if place >= 0 and self.drop(place) != place:
            self._places.put(int(self.data["order"][place]), place)

    def at_least(self, price: float) -> Iterator[Watch]:
        """Yield the triggers that a fall to `price` reaches."""
        return self._watches(np.flatnonzero(self.used("level") >= price))

    def at_most(self, price: float) -> Iterator[Watch]:
        """Yield the triggers that a rise to `price` reaches."""
        return self._watches(np.flatnonzero(self.used("level") <= price))

    def of(self, order: int) -> Iterator[Watch]:
        """Yield the trigger of one order, or nothing."""
        place = self._places.get(order)
        return self._watches([place] if place >= 0 else [])

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays and their map in bytes."""
        return super().nbytes + self._places.nbytes

    def _watches(self, places: Iterable[int]) -> Iterator[Watch]:
        level, seen, order, kind = self.data.values()
        for i in places:
            yield Watch(float(level[i]), int(seen[i]), int(order[i]), Kind(kind[i]))
