"""The accounts of the risk book in numpy arrays, and the margin levels that their groups set."""

from array import array
from math import inf
from typing import ClassVar, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from accounts.enums import Conversion, ConversionPrices, FloatingMode, LevelUnit, RateMode
from accounts.models import Group
from trading.book_updates import AccountUpdate
from trading.engine.arrays import ColumnTable, SortedIntMap

Numbers = TypeVar("Numbers", float, NDArray[np.float64])
# The least and the most of the floating result that counts (`valuation.counted_floating`).
COUNTED_BOUNDS = {
    FloatingMode.NONE: (0.0, 0.0),
    FloatingMode.ALL: (-inf, inf),
    FloatingMode.PROFIT: (0.0, inf),
    FloatingMode.LOSS: (-inf, 0.0),
}
# What decides about an account's figures; `Group.stopout_order` and the like do not.
GROUP_TERMS = (
    "currency", "margin_mode", "margin_rate_mode", "hedge_margin", "hedge_price", "conversion",
    "conversion_prices", "margin_type", "margin_call", "margin_call_recovery", "margin_stopout",
    "stopout_skip_hedged",
)  # fmt: skip


class MarginLevels(NamedTuple):
    """A group's levels: base <= factor · margin + money is the level reached, in either unit.

    `counted_least` and `counted_most` bound the floating result that counts. A call that was
    made ends where the base is above its own level by the group's recovery margin.
    """

    counted_least: float
    counted_most: float
    stop_factor: float
    stop_money: float
    call_factor: float
    call_money: float
    end_factor: float
    end_money: float

    @classmethod
    def from_group(cls, group: Group) -> "MarginLevels":
        """Return the levels of a group."""
        stop, call = float(group.margin_stopout), float(group.margin_call)
        end = float(group.call_end_level)
        bounds = COUNTED_BOUNDS[FloatingMode(group.margin_mode)]
        if group.margin_type == LevelUnit.PERCENT:
            return cls(*bounds, stop / 100, 0.0, call / 100, 0.0, end / 100, 0.0)
        return cls(*bounds, 0.0, stop, 0.0, call, 0.0, end)


# What `find_suspects` reads: whoever is called is one, wherever the call ends.
LEVEL_COLUMNS = ("own", "costs", "profit", "margin", *MarginLevels._fields[:6], "called")


class AccountTable(ColumnTable):
    """A row for every account that has, or had, an order; rows are never moved."""

    SCHEMA: ClassVar = {
        "login": np.int64,
        "own": np.float64,  # balance + credit
        "costs": np.float64,  # commission + storage of the positions
        "profit": np.float64,  # floating, the worst of the last scan
        "margin": np.float64,  # the most of the last scan
        **dict.fromkeys(MarginLevels._fields, np.float64),
        "called": np.bool_,
        "seen": np.int64,
        "group": np.int64,
    }

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[AccountUpdate] = []
        self.groups: list[Group] = []
        self.orders: list[array[int]] = []  # of the open positions
        self.fixed_margins: list[float] = []  # margins that do not follow the market
        self._index_by_login = SortedIntMap()

    def index_of(self, login: int) -> int:
        """Return the account's index, or -1."""
        return self._index_by_login.get(login)

    def groups_of(self, logins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the id of each account's group, -1 of an account that is not here."""
        indexes = self._index_by_login.get_all(logins)
        return np.where(indexes < 0, -1, self.data["group"][np.maximum(indexes, 0)])

    def put(self, update: AccountUpdate, group: Group) -> int:
        """Take over an account's figures; return its index."""
        index = self.index_of(update.login)
        is_new = index < 0
        if is_new:
            index = self.append(*([0] * len(self.SCHEMA)))
            self._index_by_login.put(update.login, index)
            self.updates.append(update)
            self.groups.append(group)
            self.orders.append(array("q"))
            self.fixed_margins.append(0.0)
        if is_new or group is not self.groups[index]:
            for name, value in MarginLevels.from_group(group)._asdict().items():
                self.data[name][index] = value
        self.updates[index], self.groups[index] = update, group
        data = self.data
        data["login"][index], data["group"][index] = update.login, update.group
        data["own"][index], data["called"][index] = update.balance + update.credit, update.called
        self.raise_last_seq_no(index, update.seen)
        return index

    def raise_last_seq_no(self, index: int, seq_no: int) -> None:
        """Let only quotes after this sequence number judge the account; it never falls."""
        self.data["seen"][index] = max(int(self.data["seen"][index]), seq_no)

    def find_suspects(self, indexes: "NDArray[np.intp] | slice") -> NDArray[np.intp]:
        """Return the indexes of those whose worst figures may reach a level or end a call."""
        figures = {name: self.used(name)[indexes] for name in LEVEL_COLUMNS}
        margin, own = figures["margin"], figures["own"]
        floating = figures["profit"] + figures["costs"]
        equity = own + floating
        base = own + np.clip(floating, figures["counted_least"], figures["counted_most"])
        slack = rounding_slack(abs(own) + abs(floating) + margin)
        stop = base <= figures["stop_factor"] * margin + figures["stop_money"] + slack
        call = base <= figures["call_factor"] * margin + figures["call_money"] + slack
        found = (margin > 0) & (stop | call) | (equity <= slack) | figures["called"]
        rows = np.arange(self.size)[indexes] if isinstance(indexes, slice) else indexes
        return np.unique(rows[found])

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes; without that of the updates."""
        orders = sum(part.buffer_info()[1] * part.itemsize for part in self.orders)
        return super().nbytes + self._index_by_login.nbytes + orders


def rounding_slack(amounts: Numbers) -> Numbers:
    """Return what floats may be wrong by: a check too many is fine, a missed one is not."""
    return (amounts + 100.0) * 1e-9


def mid_modes(group: Group) -> tuple[bool, bool]:
    """Return whether the group converts at mid, and whether its margin follows the market."""
    return group.conversion == Conversion.MID, group.margin_rate_mode == RateMode.MID


def converts_at_own(group: Group) -> bool:
    """Return whether the group converts at its own prices, with its mark-ups."""
    return group.conversion_prices == ConversionPrices.OWN
