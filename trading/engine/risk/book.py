"""The risk book: the positions of a shard with their accounts, kept current by book updates.

Updates may arrive in any order.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

import numpy as np

from accounts.models import Group
from core.money import ZERO, exact
from market.catalog import Catalog
from trading import formulas
from trading.book_updates import AccountRow, Row
from trading.engine.columns import Columns, Index
from trading.engine.risk import margins
from trading.engine.risk.accounts import GROUP_TERMS, Accounts, at_mid
from trading.engine.risk.blocks import Block, Holdings, Kind
from trading.engine.risk.rates import Rates
from trading.enums import MARKET_CMDS, Cmd
from trading.positions import Position

Key = TypeVar("Key")
ROWS = 1 << 32  # an order is at: number of its block · ROWS_PER_BLOCK + row in it
# The fields of a symbol that decide a position's profit and margin.
SYMBOL_TERMS = (
    "currency", "quote_currency", "margin_currency", "digits", "contract_size", "profit_mode",
    "margin_mode", "margin_divider", "margin_initial", "margin_hedged", "leverage_tiers",
    "tick_size", "tick_value",
)  # fmt: skip


class Held(NamedTuple):
    """An open position as the book stores it."""

    order: int
    symbol: str
    direction: int
    volume: float
    open: float
    costs: float
    rate: float


class RiskBook:
    """Who holds what, at which margin; `trading.engine.risk.look` scans its accounts."""

    def __init__(self, catalog: Catalog, groups: Mapping[int, Group]) -> None:
        self.symbols, self.groups = dict(catalog.symbols), dict(groups)
        self.accounts = Accounts()
        self.blocks: list[Block] = []
        self.holdings: dict[tuple[str, str], Holdings] = {}  # by symbol and account currency
        self.wide = Rates(catalog.converter)  # the ranges of the last batch
        self.now = Rates(catalog.converter)  # the newest processed quotes
        self._numbers: dict[Kind, int] = {}
        self._orders = Index()
        self._stale: set[int] = set()  # indexes of accounts whose margin must be computed again
        self._mid: dict[int, set[Holdings]] = {}

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        tables: list[Columns] = [self.accounts, *self.blocks, *self.holdings.values()]
        return self._orders.nbytes + sum(table.nbytes for table in tables)

    def tell(self, row: AccountRow) -> None:
        """Apply an account update, unless newer figures are in the book."""
        place = self.accounts.place(row.login)
        if place < 0:
            self.accounts.put(row, self.groups[row.group])
            return
        known = self.accounts.rows[place]
        self.accounts.mark_seen(place, row.seen)
        if row.seq < known.seq:
            return
        self.accounts.put(row, self.groups[row.group])
        if (row.group, row.leverage) != (known.group, known.leverage):
            self._put_again([place])

    def put(self, row: Row) -> None:
        """Apply an order of a known account: what is no open position leaves the book."""
        place = self.accounts.place(row.login)
        self.take(row.order)
        if row.cmd not in MARKET_CMDS:
            return
        self.accounts.mark_seen(place, row.seen)
        if row.live:
            direction = Cmd(row.cmd).direction
            held = Held(
                row.order, row.symbol, direction, row.volume, row.price, row.costs, row.margin_rate
            )
            self._add(place, held)

    def take(self, order: int) -> Held | None:
        """Remove a position and return it, None where there was none."""
        at = self._orders.pop(order)
        if at < 0:
            return None
        number, row = divmod(at, ROWS)
        block, accounts = self.blocks[number], self.accounts
        held, place = self._held(block, row), int(block.data["account"][row])
        accounts.data["costs"][place] -= held.costs
        accounts.data["profit"][place] -= block.data["profit"][row]
        accounts.orders[place].remove(order)
        if block.drop(row) != row:
            self._orders.put(int(block.data["order"][row]), at)
        self._stale.add(place)
        return held

    def of(self, place: int) -> Iterator[tuple[int, int]]:
        """Yield block number and row in the block of each of the account's positions."""
        for order in self.accounts.orders[place]:
            yield divmod(self._orders.get(order), ROWS)

    def refresh(self) -> None:
        """Compute the margins of the accounts whose positions have changed."""
        for place in self._stale:
            by_symbol: dict[str, list[Position]] = {}
            for number, row in self.of(place):
                position = self._position(number, row)
                by_symbol.setdefault(position.instrument.name, []).append(position)
            self._set_margin(place, by_symbol)
        self._stale.clear()

    def retell(self, catalog: Catalog, groups: Mapping[int, Group]) -> bool:
        """Apply changed settings of symbols and groups; return whether there were any."""
        symbols = changed(self.symbols, catalog.symbols, SYMBOL_TERMS)
        regrouped = changed(self.groups, groups, GROUP_TERMS)
        if not (symbols or regrouped):
            return False
        self.symbols, self.groups = dict(catalog.symbols), dict(groups)
        if symbols:
            self.wide, self.now = (rates.over(catalog.converter) for rates in (self.wide, self.now))
        every = range(self.accounts.size)
        touched = [
            place for place in every
            if self.accounts.rows[place].group in regrouped
            or any(self.blocks[n].kind.symbol in symbols for n, _ in self.of(place))
        ]  # fmt: skip
        for place in touched:
            row = self.accounts.rows[place]
            self.accounts.put(row, self.groups[row.group])
        self._numbers = {k: n for k, n in self._numbers.items() if k.symbol not in symbols}
        self.holdings = {k: h for k, h in self.holdings.items() if k[0] not in symbols}
        self._put_again(touched)
        return True

    def settle(self) -> None:
        """Sum up all profits from the start: differences of floats add up rounding errors."""
        profit = self.accounts.data["profit"]
        profit[:] = 0.0
        for block in self.blocks:
            np.add.at(profit, block.used("account"), block.used("profit"))

    def _put_again(self, places: list[int]) -> None:
        """Remove and add all positions of these accounts, by their group's present settings."""
        for place in places:
            found = [self.take(order) for order in list(self.accounts.orders[place])]
            for held in found:
                if held is not None:
                    self._add(place, held)
        self.refresh()

    def _add(self, place: int, held: Held) -> None:
        group = self.accounts.groups[place]
        kind = Kind(held.symbol, held.direction, group.currency, at_mid(group)[0])
        number = self._numbers.get(kind)
        if number is None:
            number = self._numbers[kind] = len(self.blocks)
            self.blocks.append(Block(kind, self.symbols[kind.symbol]))
        block, figures = self.blocks[number], self.accounts.data
        values = (held.volume, held.open, held.costs, held.rate)
        row = block.append(held.order, place, *values, 0.0)
        block.data["profit"][row] = profit = block.profit(row, block.terms(self.wide))
        figures["profit"][place] += profit
        figures["costs"][place] += held.costs
        self.accounts.orders[place].append(held.order)
        self._orders.put(held.order, number * ROWS + row)
        self._stale.add(place)

    def _set_margin(self, place: int, by_symbol: dict[str, list[Position]]) -> None:
        """Compute the account's margin: a fixed one, or factors that the market multiplies."""
        group, leverage = self.accounts.groups[place], self.accounts.rows[place].leverage
        for holdings in self._mid.pop(place, ()):
            holdings.take(place)
        total = 0.0
        if not at_mid(group)[1]:
            positions = [one for found in by_symbol.values() for one in found]
            total = self.accounts.fixed[place] = margins.fixed(group, leverage, positions)
            by_symbol = {}
        for name, positions in by_symbol.items():
            key = (name, group.currency)
            if key not in self.holdings:
                self.holdings[key] = Holdings(self.symbols[name], group.currency)
            holdings = self.holdings[key]
            holdings.put(
                place,
                margins.units(group, leverage, positions),
                margins.fixed(group, leverage, positions),
            )
            total += holdings.set(place, self.wide)
            self._mid.setdefault(place, set()).add(holdings)
        self.accounts.data["margin"][place] = total

    def margin(self, place: int) -> float:
        """Return the account's margin at the newest processed quotes."""
        if place in self._mid:
            return sum(holdings.margin(place, self.now) for holdings in self._mid[place])
        return self.accounts.fixed[place]

    def currencies(self, block: Block) -> Iterator[tuple[str, str]]:
        """Yield source and target of what prices the block's positions, and their margin at mid."""
        yield block.symbol.quote_currency, block.kind.currency
        yield formulas.margin_currency(block.symbol), block.kind.currency

    def _held(self, block: Block, row: int) -> Held:
        order, _, volume, opened, costs, rate, _ = (c.item(row) for c in block.data.values())
        return Held(order, block.kind.symbol, block.kind.direction, volume, opened, costs, rate)

    def _position(self, number: int, row: int) -> Position:
        block = self.blocks[number]
        held = self._held(block, row)
        return Position(
            held.order, block.symbol, held.direction, int(held.volume),
            exact(held.open), exact(held.costs), ZERO, exact(held.rate),
        )  # fmt: skip


def changed(
    old: Mapping[Key, object], new: Mapping[Key, object], terms: tuple[str, ...]
) -> set[Key]:
    """Return the keys whose objects differ in one of the terms, or are new or gone."""
    both = old.keys() & new.keys()
    differ = {k for k in both if any(getattr(old[k], t) != getattr(new[k], t) for t in terms)}
    return differ | (old.keys() ^ new.keys())
