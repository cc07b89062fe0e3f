"""The accounts of the risk book in numpy arrays, and the margin levels that their groups set."""

from array import array
from math import inf
from typing import ClassVar, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from accounts.enums import Conversion, FloatingMode, LevelUnit, RateMode
from accounts.models import Group
from trading.book_updates import AccountRow
from trading.engine.columns import Columns, Index

Numbers = TypeVar("Numbers", float, NDArray[np.float64])
# The least and the most of the floating result that counts (`valuation.counted_floating`).
COUNTED = {
    FloatingMode.NONE: (0.0, 0.0),
    FloatingMode.ALL: (-inf, inf),
    FloatingMode.PROFIT: (0.0, inf),
    FloatingMode.LOSS: (-inf, 0.0),
}
# What decides about an account's figures; `Group.stopout_order` and the like do not.
GROUP_TERMS = (
    "currency", "margin_mode", "margin_rate_mode", "hedge_margin", "hedge_price", "conversion",
    "margin_type", "margin_call", "margin_stopout", "stopout_skip_hedged",
)  # fmt: skip


class Limits(NamedTuple):
    """A group's levels: base <= factor · margin + money is the level reached, in either unit.

    `counted_least` and `counted_most` bound the floating result that counts.
    """

    counted_least: float
    counted_most: float
    stop_factor: float
    stop_money: float
    call_factor: float
    call_money: float

    @classmethod
    def of(cls, group: Group) -> "Limits":
        """Return the levels of a group."""
        stop, call = float(group.margin_stopout), float(group.margin_call)
        counted = COUNTED[FloatingMode(group.margin_mode)]
        if group.margin_type == LevelUnit.PERCENT:
            return cls(*counted, stop / 100, 0.0, call / 100, 0.0)
        return cls(*counted, 0.0, stop, 0.0, call)


JUDGED = ("own", "costs", "profit", "margin", *Limits._fields, "called")


class Accounts(Columns):
    """A row for every account that has, or had, an order; rows are never moved."""

    SCHEMA: ClassVar = {
        "login": np.int64,
        "own": np.float64,  # balance + credit
        "costs": np.float64,  # commission + storage of the positions
        "profit": np.float64,  # floating, the worst of the last scan
        "margin": np.float64,  # the most of the last scan
        **dict.fromkeys(Limits._fields, np.float64),
        "called": np.bool_,
        "seen": np.int64,
        "group": np.int64,
    }

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[AccountRow] = []
        self.groups: list[Group] = []
        self.orders: list[array[int]] = []  # of the open positions
        self.fixed: list[float] = []  # margins that do not follow the market
        self._places = Index()

    def place(self, login: int) -> int:
        """Return the account's index, or -1."""
        return self._places.get(login)

    def put(self, row: AccountRow, group: Group) -> int:
        """Take over an account's figures; return its index."""
        place = self.place(row.login)
        if place < 0:
            place = self.append(*([0] * len(self.SCHEMA)))
            self._places.put(row.login, place)
            self.rows.append(row)
            self.groups.append(group)
            self.orders.append(array("q"))
            self.fixed.append(0.0)
        self.rows[place], self.groups[place] = row, group
        own = {
            "login": row.login,
            "own": row.balance + row.credit,
            "called": row.called,
            "group": row.group,
        }
        for name, value in (own | Limits.of(group)._asdict()).items():
            self.data[name][place] = value
        self.mark_seen(place, row.seen)
        return place

    def mark_seen(self, place: int, number: int) -> None:
        """Let only quotes after this sequence number judge the account; it never falls."""
        self.data["seen"][place] = max(int(self.data["seen"][place]), number)

    def suspects(self, places: "NDArray[np.intp] | slice") -> NDArray[np.intp]:
        """Return the indexes of those whose worst figures may reach a level or end a call."""
        taken = {name: self.used(name)[places] for name in JUDGED}
        margin, own = taken["margin"], taken["own"]
        floating = taken["profit"] + taken["costs"]
        equity = own + floating
        base = own + np.clip(floating, taken["counted_least"], taken["counted_most"])
        slack = slack_of(abs(own) + abs(floating) + margin)
        stop = base <= taken["stop_factor"] * margin + taken["stop_money"] + slack
        call = base <= taken["call_factor"] * margin + taken["call_money"] + slack
        found = (margin > 0) & (stop | call) | (equity <= slack) | taken["called"]
        rows = np.arange(self.size)[places] if isinstance(places, slice) else places
        return np.unique(rows[found])

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes; without that of the updates."""
        orders = sum(part.buffer_info()[1] * part.itemsize for part in self.orders)
        return super().nbytes + self._places.nbytes + orders


def slack_of(amounts: Numbers) -> Numbers:
    """Return what floats may be wrong by: a check too many is fine, a missed one is not."""
    return (amounts + 100.0) * 1e-9


def at_mid(group: Group) -> tuple[bool, bool]:
    """Return whether the group converts at mid, and whether its margin follows the market."""
    return group.conversion == Conversion.MID, group.margin_rate_mode == RateMode.MID
