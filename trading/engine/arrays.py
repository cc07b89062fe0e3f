"""Tables in numpy arrays: a growing table of rows, and a map of integers in two sorted arrays."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

INITIAL_ROWS = 8  # rows
REMOVED = -1  # the value of a removed key, which a map holds until it drops them together
REMOVED_AT_LEAST, REMOVED_SHARE = 64, 8  # a map drops them from 64 + an eighth of its entries on


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
    """A map of integers to integers from 0 on, in two sorted arrays: some 16 bytes an entry.

    A dict takes a hundred. Keys such as order numbers grow, so that most entries are appended;
    a new one in the middle costs a memmove. A removed key keeps its place until enough of them
    have gathered, so that thousands removed at once cost one pass and not a memmove each.
    """

    def __init__(self) -> None:
        self._keys, self._values = array("q"), array("q")
        self._removed = 0  # entries whose value is REMOVED

    def get(self, key: int, default: int = -1) -> int:
        """Return the value of the key, or the default."""
        index = self._find(key)
        if index < 0 or self._values[index] == REMOVED:
            return default
        return self._values[index]

    def get_all(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the value of each key, -1 where there is none."""
        if not self._keys:
            return np.full(len(keys), REMOVED, np.int64)
        own, values = (np.frombuffer(part, np.int64) for part in (self._keys, self._values))
        indexes = np.minimum(np.searchsorted(own, keys), len(own) - 1)
        return np.where(own[indexes] == keys, values[indexes], REMOVED)

    def keys_of(self, value: int) -> list[int]:
        """Return the keys that have this value, in ascending order."""
        found = np.frombuffer(self._values, np.int64) == value if self._keys else []
        return [self._keys[index] for index in np.flatnonzero(found)]

    def put(self, key: int, value: int) -> None:
        """Set the value of the key."""
        index = bisect_left(self._keys, key)
        if index < len(self._keys) and self._keys[index] == key:
            self._removed -= self._values[index] == REMOVED
            self._values[index] = value
        else:
            self._keys.insert(index, key)
            self._values.insert(index, value)

    def pop(self, key: int) -> int:
        """Remove the key; return its value, or -1 where there was none."""
        index = self._find(key)
        if index < 0 or self._values[index] == REMOVED:
            return -1
        value, self._values[index] = self._values[index], REMOVED
        self._removed += 1
        if self._removed > REMOVED_AT_LEAST + len(self._keys) // REMOVED_SHARE:
            self._drop_removed()
        return value

    def _find(self, key: int) -> int:
        """Return the index of the key's entry, removed or not; -1 where there is none."""
        index = bisect_left(self._keys, key)
        return index if index < len(self._keys) and self._keys[index] == key else -1

    def _drop_removed(self) -> None:
        """Drop the entries of removed keys, all in one pass."""
        stays = np.frombuffer(self._values, np.int64) != REMOVED
        for name in ("_keys", "_values"):
            column = np.frombuffer(getattr(self, name), np.int64)[stays]
            setattr(self, name, array("q", column.tobytes()))
        self._removed = 0

    def __contains__(self, key: int) -> bool:
        return self.get(key) >= 0

    def __iter__(self) -> Iterator[int]:
        pairs = zip(self._keys, self._values, strict=True)
        return (key for key, value in pairs if value != REMOVED)

    def __len__(self) -> int:
        return len(self._keys) - self._removed

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        return sum(part.buffer_info()[1] * part.itemsize for part in (self._keys, self._values))
