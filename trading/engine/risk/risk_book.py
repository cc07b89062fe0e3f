"""The risk book: the positions of a shard with their accounts, kept current by book updates.

Updates may arrive in any order.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from accounts.models import Group
from core.money import ZERO, exact_decimal
from market.catalog import Catalog
from market.models import Markup, Symbol
from trading.book_updates import AccountUpdate, OrderUpdate
from trading.engine.arrays import ColumnTable, SortedIntMap
from trading.engine.risk import used_margin
from trading.engine.risk.accounts import GROUP_TERMS, AccountTable, converts_at_own, mid_modes
from trading.engine.risk.changed_settings import SYMBOL_TERMS, changed_keys, changed_terms
from trading.engine.risk.position_blocks import BlockKey, MarginKey, MidMargins, PositionBlock
from trading.engine.risk.price_ranges import RateRanges
from trading.enums import MARKET_CMDS, Cmd
from trading.valuation import formulas
from trading.valuation.positions import Position

ROWS_PER_BLOCK = 1 << 32  # an order is at: number of its block · ROWS_PER_BLOCK + row in it


class HeldPosition(NamedTuple):
    """An open position as the book stores it."""

    order: int
    symbol: str
    direction: int
    volume: float
    open: float
    costs: float
    rate: float


class RiskBook:
    """Who holds what, at which margin; `trading.engine.risk.scan` scans its accounts."""

    def __init__(self, catalog: Catalog, groups: Mapping[int, Group]) -> None:
        self.catalog, self.groups = catalog, dict(groups)
        self.accounts = AccountTable()
        self.blocks: list[PositionBlock] = []
        self.mid_margins: dict[MarginKey, MidMargins] = {}
        self.range_rates = RateRanges(catalog)  # the ranges of the last batch
        self.current_rates = RateRanges(catalog)  # the newest processed quotes
        self._block_numbers: dict[BlockKey, int] = {}
        self._location_by_order = SortedIntMap()
        # Indexes of accounts whose margin must be computed again.
        self._margin_outdated: set[int] = set()
        self._mid_margins_of: dict[int, set[MidMargins]] = {}
        self._regrouped: set[int] = set()  # logins

    @property
    def symbols(self) -> dict[str, Symbol]:
        """Return the symbols by name, as the market trades them."""
        return self.catalog.symbols

    def __len__(self) -> int:
        return len(self._location_by_order)

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        tables: list[ColumnTable] = [self.accounts, *self.blocks, *self.mid_margins.values()]
        return self._location_by_order.nbytes + sum(table.nbytes for table in tables)

    def apply_account(self, update: AccountUpdate) -> None:
        """Apply an account update, unless newer figures are in the book."""
        index = self.accounts.index_of(update.login)
        if index < 0:
            self.accounts.put(update, self.groups[update.group])
            return
        stored = self.accounts.updates[index]
        self.accounts.raise_last_seq_no(index, update.seen)
        if update.seq < stored.seq:
            return
        self.accounts.put(update, self.groups[update.group])
        if update.group != stored.group:
            self._regrouped.add(update.login)
        if (update.group, update.leverage) != (stored.group, stored.leverage):
            self._replace_positions([index])

    def take_regrouped(self) -> set[int]:
        """Return the logins whose group has changed since they were last taken."""
        found, self._regrouped = self._regrouped, set()
        return found

    def apply_order(self, update: OrderUpdate) -> None:
        """Apply an order of a known account: what is no open position leaves the book."""
        index = self.accounts.index_of(update.login)
        self.remove(update.order)
        if update.cmd not in MARKET_CMDS:
            return
        self.accounts.raise_last_seq_no(index, update.seen)
        if update.live:
            direction = Cmd(update.cmd).direction
            held = HeldPosition(
                update.order,
                update.symbol,
                direction,
                update.volume,
                update.price,
                update.costs,
                update.margin_rate,
            )
            self._add(index, held)

    def remove(self, order: int) -> HeldPosition | None:
        """Remove a position and return it, None where there was none."""
        location = self._location_by_order.pop(order)
        if location < 0:
            return None
        number, row = divmod(location, ROWS_PER_BLOCK)
        block, accounts = self.blocks[number], self.accounts
        held, index = self._held_position(block, row), int(block.data["account"][row])
        accounts.data["costs"][index] -= held.costs
        accounts.data["profit"][index] -= block.data["profit"][row]
        accounts.orders[index].remove(order)
        if block.drop(row) != row:
            self._location_by_order.put(int(block.data["order"][row]), location)
        self._margin_outdated.add(index)
        return held

    def positions_of(self, index: int) -> Iterator[tuple[int, int]]:
        """Yield block number and row in the block of each of the account's positions."""
        for order in self.accounts.orders[index]:
            yield divmod(self._location_by_order.get(order), ROWS_PER_BLOCK)

    def refresh_margins(self) -> None:
        """Compute the margins of the accounts whose positions have changed."""
        for index in self._margin_outdated:
            by_symbol: dict[str, list[Position]] = {}
            for number, row in self.positions_of(index):
                position = self._position(index, number, row)
                by_symbol.setdefault(position.instrument.name, []).append(position)
            self._set_margin(index, by_symbol)
        self._margin_outdated.clear()

    def apply_settings(self, catalog: Catalog, groups: Mapping[int, Group]) -> bool:
        """Apply changed settings of symbols and groups; return whether there were any."""
        symbols = changed_keys(self.symbols, catalog.symbols, SYMBOL_TERMS)
        regrouped = changed_keys(self.groups, groups, GROUP_TERMS)
        converting = {key for key, group in groups.items() if converts_at_own(group)}
        held = {block.key.symbol for block in self.blocks}
        terms = changed_terms(self.catalog, catalog, held, converting)
        regrouped |= {group for group, _ in terms if group in converting}
        if self.catalog is not catalog:
            self.catalog = catalog
            for rates in (self.range_rates, self.current_rates):
                rates.set_catalog(catalog)
        if not (symbols or regrouped or terms):
            return False
        self.groups = dict(groups)
        touched = [
            index
            for index in range(self.accounts.size)
            if (group := self.accounts.updates[index].group) in regrouped
            or any(
                (name := self.blocks[number].key.symbol) in symbols or (group, name) in terms
                for number, _ in self.positions_of(index)
            )
        ]
        for index in touched:
            update = self.accounts.updates[index]
            self.accounts.put(update, self.groups[update.group])
        self._block_numbers = {
            k: n for k, n in self._block_numbers.items() if k.symbol not in symbols
        }
        self.mid_margins = {k: h for k, h in self.mid_margins.items() if k.symbol not in symbols}
        self._replace_positions(touched)
        return True

    def add_groups(self, groups: Mapping[int, Group]) -> None:
        """Add the groups that are not known; the settings of the others stay."""
        self.groups = {**groups, **self.groups}

    def sum_profits(self) -> None:
        """Sum up all profits from the start: differences of floats add up rounding errors."""
        profit = self.accounts.data["profit"]
        profit[:] = 0.0
        for block in self.blocks:
            np.add.at(profit, block.used("account"), block.used("profit"))

    def _replace_positions(self, indexes: list[int]) -> None:
        """Remove and add all positions of these accounts, by their group's present settings."""
        for index in indexes:
            found = [self.remove(order) for order in list(self.accounts.orders[index])]
            for held in found:
                if held is not None:
                    self._add(index, held)
        self.refresh_margins()

    def _add(self, index: int, held: HeldPosition) -> None:
        group = self.accounts.groups[index]
        markup, converts_as = self._prices_of(index, held.symbol)
        kind = BlockKey(
            held.symbol, held.direction, group.currency, mid_modes(group)[0], converts_as
        )
        number = self._block_numbers.get(kind)
        if number is None:
            number = self._block_numbers[kind] = len(self.blocks)
            self.blocks.append(PositionBlock(kind, self.symbols[kind.symbol]))
        block, figures = self.blocks[number], self.accounts.data
        values = (held.volume, held.open, held.costs, held.rate)
        number_of_markup = block.index_of(markup)
        row = block.append(held.order, index, *values, 0.0, number_of_markup)
        terms = block.terms_at(self.range_rates, number_of_markup)
        block.data["profit"][row] = profit = block.profit_of(row, terms)
        figures["profit"][index] += profit
        figures["costs"][index] += held.costs
        self.accounts.orders[index].append(held.order)
        self._location_by_order.put(held.order, number * ROWS_PER_BLOCK + row)
        self._margin_outdated.add(index)

    def _set_margin(self, index: int, by_symbol: dict[str, list[Position]]) -> None:
        """Compute the account's margin: a fixed one, or factors that the market multiplies."""
        group, leverage = self.accounts.groups[index], self.accounts.updates[index].leverage
        for holdings in self._mid_margins_of.pop(index, ()):
            holdings.remove(index)
        total = 0.0
        if not mid_modes(group)[1]:
            positions = [one for found in by_symbol.values() for one in found]
            total = self.accounts.fixed_margins[index] = used_margin.margin_at_open(
                group, leverage, positions
            )
            by_symbol = {}
        for name, positions in by_symbol.items():
            key = MarginKey(name, group.currency, *self._prices_of(index, name))
            if key not in self.mid_margins:
                self.mid_margins[key] = MidMargins(key, self.symbols[name])
            holdings = self.mid_margins[key]
            holdings.put(
                index,
                used_margin.unit_margin(group, leverage, positions),
                used_margin.margin_at_open(group, leverage, positions),
            )
            total += holdings.update_margin(index, self.range_rates)
            self._mid_margins_of.setdefault(index, set()).add(holdings)
        self.accounts.data["margin"][index] = total

    def margin_of(self, index: int) -> float:
        """Return the account's margin at the newest processed quotes."""
        if index in self._mid_margins_of:
            return sum(
                holdings.margin_of(index, self.current_rates)
                for holdings in self._mid_margins_of[index]
            )
        return self.accounts.fixed_margins[index]

    def conversions_of(self, block: PositionBlock) -> Iterator[tuple[str, str]]:
        """Yield source and target of what prices the block's positions, and their margin at mid."""
        yield block.symbol.quote_currency, block.key.currency
        yield formulas.margin_currency(block.symbol), block.key.currency

    def _held_position(self, block: PositionBlock, row: int) -> HeldPosition:
        order, _, volume, opened, costs, rate, *_ = (c.item(row) for c in block.data.values())
        return HeldPosition(
            order, block.key.symbol, block.key.direction, volume, opened, costs, rate
        )

    def _prices_of(self, index: int, symbol: str) -> tuple[Markup, int | None]:
        """Return the mark-up of the account's group, and the group if its own prices convert."""
        terms, group = self.catalog.terms, self.accounts.updates[index].group
        at_own = terms.marks_up(group) and converts_at_own(self.accounts.groups[index])
        return terms.markup(group, symbol), group if at_own else None

    def _position(self, index: int, number: int, row: int) -> Position:
        block, group = self.blocks[number], self.accounts.updates[index].group
        held = self._held_position(block, row)
        return Position(
            held.order,
            self.catalog.terms.instrument(group, block.symbol),
            held.direction,
            int(held.volume),
            exact_decimal(held.open),
            exact_decimal(held.costs),
            ZERO,
            exact_decimal(held.rate),
        )
