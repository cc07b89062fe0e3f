"""Watched price levels in numpy arrays: one block for a symbol's side and direction."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = {"level": np.float64, "seen": np.int64, "order": np.int64, "kind": np.int8}


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


class Levels:
    """A growing block of watches; removal moves the last one into the gap."""

    def __init__(self) -> None:
        self.size = 0
        self._columns = {name: np.empty(16, kind) for name, kind in COLUMNS.items()}

    def add(self, watch: Watch) -> None:
        """Append a watch."""
        if self.size == len(self._columns["level"]):
            for name, column in self._columns.items():
                self._columns[name] = np.concatenate([column, np.empty_like(column)])
        for name, column in self._columns.items():
            column[self.size] = getattr(watch, name)
        self.size += 1

    def remove(self, order: int) -> None:
        """Drop every watch of the order."""
        for index in self.where("order", order)[::-1]:
            self.size -= 1
            for column in self._columns.values():
                column[index] = column[self.size]

    def at_least(self, price: float) -> Iterator[Watch]:
        """The watches that a fall to `price` reaches."""
        return self._watches(np.flatnonzero(self._used("level") >= price))

    def at_most(self, price: float) -> Iterator[Watch]:
        """The watches that a rise to `price` reaches."""
        return self._watches(np.flatnonzero(self._used("level") <= price))

    def of(self, order: int) -> Iterator[Watch]:
        """The watches of one order."""
        return self._watches(self.where("order", order))

    def where(self, name: str, value: int) -> NDArray[np.intp]:
        """The places of the watches with this value, ascending."""
        return np.flatnonzero(self._used(name) == value)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return sum(column.nbytes for column in self._columns.values())

    def _used(self, name: str) -> NDArray[Any]:
        return self._columns[name][: self.size]

    def _watches(self, indexes: NDArray[np.intp]) -> Iterator[Watch]:
        columns = self._columns
        for i in indexes:
            yield Watch(
                float(columns["level"][i]),
                int(columns["seen"][i]),
                int(columns["order"][i]),
                Kind(columns["kind"][i]),
            )
