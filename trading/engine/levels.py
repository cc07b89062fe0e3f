"""Watched price levels in numpy arrays: one block for a symbol's side and direction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import numpy as np

from trading.engine.columns import Columns, Index


class Kind(IntEnum):
    """What a level does; of one order's levels in one quote the lowest kind acts first."""

    EXPIRY = 0
    STOP_LOSS = 1
    TAKE_PROFIT = 2
    PENDING = 3


@dataclass(frozen=True, slots=True)
class Watch:
    """A level of an order that only quotes with a number above `seen` can reach."""

    level: float
    seen: int
    order: int
    kind: Kind


class Levels(Columns):
    """The watches of one look; an order has at most one of them in it."""

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
        """Append a watch of an order that has none here."""
        place = self.append(watch.level, watch.seen, watch.order, watch.kind)
        self._places.put(watch.order, place)

    def remove(self, order: int) -> None:
        """Drop the watch of the order, if there is one."""
        place = self._places.pop(order)
        if place >= 0 and self.drop(place) != place:
            self._places.put(int(self.data["order"][place]), place)

    def at_least(self, price: float) -> Iterator[Watch]:
        """The watches that a fall to `price` reaches."""
        return self._watches(np.flatnonzero(self.used("level") >= price))

    def at_most(self, price: float) -> Iterator[Watch]:
        """The watches that a rise to `price` reaches."""
        return self._watches(np.flatnonzero(self.used("level") <= price))

    def of(self, order: int) -> Iterator[Watch]:
        """The watch of one order, or nothing."""
        place = self._places.get(order)
        return self._watches([place] if place >= 0 else [])

    @property
    def nbytes(self) -> int:
        """Memory of the arrays and their index."""
        return super().nbytes + self._places.nbytes

    def _watches(self, places: Iterable[int]) -> Iterator[Watch]:
        level, seen, order, kind = self.data.values()
        for i in places:
            yield Watch(float(level[i]), int(seen[i]), int(order[i]), Kind(kind[i]))
