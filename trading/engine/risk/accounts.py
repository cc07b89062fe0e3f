"""The accounts of the risk book in numpy arrays, and the levels that their groups set."""

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
# The least and the most of the floating result that counts (`valuation.counted`).
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
    """A group's levels: base <= factor · margin + money is the level reached, in either unit."""

    counted_least: float
    counted_most: float
    stop_factor: float
    stop_money: float
    call_factor: float
    call_money: float

    @classmethod
    def of(cls, group: Group) -> "Limits":
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
        "profit": np.float64,  # floating, the worst of the last look
        "margin": np.float64,  # the most of the last look
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
        self.fixed: list[float] = []  # the margin that does not follow the market
        self._places = Index()

    def place(self, login: int) -> int:
        """The account's row, or -1."""
        return self._places.get(login)

    def put(self, row: AccountRow, group: Group) -> int:
        """Take over an account's figures; its row."""
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
        """Quotes up to this one judge the account no more."""
        self.data["seen"][place] = max(int(self.data["seen"][place]), number)

    def suspects(self, places: "NDArray[np.intp] | slice") -> NDArray[np.intp]:
        """Those of the rows whose worst figures may reach a level, or end a margin call."""
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
        """Memory of the arrays; not of the rows that came with the news."""
        orders = sum(part.buffer_info()[1] * part.itemsize for part in self.orders)
        return super().nbytes + self._places.nbytes + orders


def slack_of(amounts: Numbers) -> Numbers:
    """What floats may be wrong by: a look in vain is fine, a missed one is not."""
    return (amounts + 100.0) * 1e-9


def at_mid(group: Group) -> tuple[bool, bool]:
    """Whether the group converts at mid, and whether its margin follows the market."""
    return group.conversion == Conversion.MID, group.margin_rate_mode == RateMode.MID
