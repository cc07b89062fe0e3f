"""Tables in numpy arrays: a growing table of rows, and a map of integers in two sorted arrays."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

INITIAL_ROWS = 8  # rows


class ColumnTable:
    """Rows in columns of numpy arrays; removal moves the last row into the gap."""

    SCHEMA: ClassVar[dict[str, Any]]

    def __init__(self) -> None:
        self.size = 0
        self.data: dict[str, NDArray[Any]] = {
            name: np.zeros(INITIAL_ROWS, kind) for name, kind in self.SCHEMA.items()
        }

    def append(self, *values: Any) -> int:
        """Add a row, its values in the order of SCHEMA; return its index."""
        index = self.size
        if index == len(next(iter(self.data.values()))):
            for name, column in self.data.items():
                self.data[name] = np.concatenate([column, np.zeros_like(column[: index // 2])])
        for column, value in zip(self.data.values(), values, strict=True):
            column[index] = value
        self.size += 1
        return index

    def drop(self, index: int) -> int:
        """Remove a row; return the index that the row now at `index` had before."""
        self.size -= 1
        for column in self.data.values():
            column[index] = column[self.size]
        return self.size

    def used(self, name: str) -> NDArray[Any]:
        """Return the rows of a column in use, as a view."""
        return self.data[name][: self.size]

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        return sum(column.nbytes for column in self.data.values())


class SortedIntMap:
    """A map of integers in two sorted arrays: 16 bytes an entry, where a dict takes a hundred.

    Order numbers grow, so that most entries are appended; one in the middle costs a memmove.
    """

    def __init__(self) -> None:
        self._keys, self._values = array("q"), array("q")

    def get(self, key: int, default: int = -1) -> int:
        """Return the value of the key, or the default."""
        index = bisect_left(self._keys, key)
        found = index < len(self._keys) and self._keys[index] == key
        return self._values[index] if found else default

    def put(self, key: int, value: int) -> None:
        """Set the value of the key."""
        index = bisect_left(self._keys, key)
        if index < len(self._keys) and self._keys[index] == key:
            self._values[index] = value
        else:
            self._keys.insert(index, key)
            self._values.insert(index, value)

    def pop(self, key: int) -> int:
        """Remove the key; return its value, or -1 where there was none."""
        index = bisect_left(self._keys, key)
        if index == len(self._keys) or self._keys[index] != key:
            return -1
        del self._keys[index]
        return self._values.pop(index)

    def __contains__(self, key: int) -> bool:
        return self.get(key) >= 0

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        return sum(part.buffer_info()[1] * part.itemsize for part in (self._keys, self._values))
