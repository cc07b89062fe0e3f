"""The values of many accounts under one set of conditions, at the newest quotes: in floats."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts.enums import HedgePrice, RateMode
from accounts.models import Account, Group
from market.catalog import Catalog
from market.enums import LEVERAGED_MODES, PRICED_MODES
from market.errors import OffQuotes
from market.group_quotes import QuotesWithTerms
from market.models import Symbol
from market.quotes.quote import Quotes, require_quote
from trading.valuation import formulas
from trading.valuation.account import Valuation
from trading.what_if.average_prices import average_prices_and_rates
from trading.what_if.hedged_legs import (
    Floats,
    LegArrays,
    hedged_margin,
    sum_by_index,
    tiered_margin,
)
from trading.what_if.positions_table import PositionsTable

ONE = formulas.ONE


@dataclass(frozen=True, slots=True)
class Conditions:
    """Symbols, conversion paths, terms and groups, as they are or as they would be."""

    catalog: Catalog
    groups: Mapping[int, Group]


@dataclass(slots=True)
class AccountValues:
    """The accounts' figures, an entry a login of the positions."""

    floating: Floats  # with commission and storage
    margin: Floats
    known: NDArray[np.bool_]  # whether everything has a price
    covered: NDArray[np.bool_]  # whether every symbol's long volume is its short volume
    missing: set[str]  # symbols that have no price, or whose currency has no rate

    def margin_by_currency(
        self, held: PositionsTable, groups: Mapping[int, Group]
    ) -> dict[str, float]:
        """Return the used margin by currency."""
        found: dict[str, float] = {}
        for group in np.unique(held.groups).tolist():
            currency = groups[group].currency
            margin = self.margin[held.groups == group].sum().item()
            found[currency] = found.get(currency, 0.0) + margin
        return found


@dataclass(frozen=True, slots=True)
class PositionCell:
    """The positions of one group's accounts in one symbol, which is as the group trades it."""

    group: Group
    symbol: Symbol
    rows: NDArray[np.intp]

    @property
    def is_at_average(self) -> bool:
        """Return whether hedged positions are margined at the average of all, as in `Valuation`."""
        at_mid = self.group.margin_rate_mode == RateMode.MID
        return self.group.hedge_price == HedgePrice.ALL and not at_mid


def compute_values(held: PositionsTable, conditions: Conditions, quotes: Quotes) -> AccountValues:
    """Return the values of all accounts under these conditions."""
    count = len(held.logins)
    figures = AccountValues(
        sum_by_index(held.account, held.costs, count),
        np.zeros(count),
        np.ones(count, np.bool_),
        np.ones(count, np.bool_),
        set(),
    )
    seen = QuotesWithTerms(quotes, conditions.catalog)
    for cell in split_into_cells(held, conditions):
        valuation = Valuation(Account(group=cell.group), conditions.catalog.converter, seen)
        accounts, inverse = np.unique(held.account[cell.rows], return_inverse=True)
        try:
            profit = floating_profits(held, cell, valuation)
            figures.floating[accounts] += sum_by_index(inverse, profit)
            margin = position_margins(held, cell, valuation)
        except OffQuotes:
            figures.missing.add(cell.symbol.name)
            figures.known[accounts] = False
            margin = margins_at_open(held, cell)
        long, short = split_into_legs(held, cell, inverse, margin)
        figures.covered[accounts[long.volume != short.volume]] = False
        leverage = held.leverage[accounts]
        if cell.is_at_average:
            set_average_margins(held, cell, inverse, (long, short), leverage)
        for leg in (long, short):
            leg.margin = tiered_margin(cell.symbol, leg, leverage)
        contract = float(cell.symbol.margin_hedged / cell.symbol.contract_size)
        figures.margin[accounts] += hedged_margin(cell.group.hedge_margin, long, short, contract)
    return figures


def split_into_cells(held: PositionsTable, conditions: Conditions) -> Iterator[PositionCell]:
    """Yield the positions by group and symbol."""
    if not len(held.account):
        return
    key = held.groups[held.account] * len(held.symbols) + held.symbol
    order = np.argsort(key, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        group_id, number = divmod(int(key[rows[0]]), len(held.symbols))
        group = conditions.groups[group_id]
        symbol = conditions.catalog.instrument(group, held.symbols[number])
        yield PositionCell(group, symbol, rows)


def floating_profits(held: PositionsTable, cell: PositionCell, valuation: Valuation) -> Floats:
    """Return the floating profits at the closing side, as `Valuation.profit`.

    Raises:
        OffQuotes: a price or a rate is missing.
    """
    symbol, rows = cell.symbol, cell.rows
    quote = require_quote(valuation.quotes, symbol)
    close = np.where(held.direction[rows] > 0, float(quote.bid), float(quote.ask))
    unit = float(symbol.base_units(1) * formulas.tick_factor(symbol))
    amount = (close - held.open[rows]) * held.direction[rows] * held.volume[rows] * unit
    gain, loss = (
        float(valuation.rate(symbol.quote_currency, side).value) for side in valuation.sides
    )
    return np.where(amount >= 0, amount * gain, amount * loss)


def position_margins(held: PositionsTable, cell: PositionCell, valuation: Valuation) -> Floats:
    """Return the margins of the positions alone, as `Valuation._margin_by_leverage`.

    Raises:
        OffQuotes: a price or a rate is missing, in rate mode mid.
    """
    if cell.group.margin_rate_mode != RateMode.MID:
        return margins_at_open(held, cell)
    price = float(require_quote(valuation.quotes, cell.symbol).mid)
    rate = float(valuation.margin_rate(cell.symbol, 1).value)
    rows = cell.rows
    return scaled_margins(
        cell.symbol, held.volume[rows], price, rate, held.leverage[held.account[rows]]
    )


def margins_at_open(held: PositionsTable, cell: PositionCell) -> Floats:
    """Return the margins at the prices and rates of the opens."""
    rows = cell.rows
    leverage = held.leverage[held.account[rows]]
    return scaled_margins(
        cell.symbol, held.volume[rows], held.open[rows], held.rate[rows], leverage
    )


def set_average_margins(
    held: PositionsTable,
    cell: PositionCell,
    inverse: NDArray[np.intp],
    pair: tuple[LegArrays, LegArrays],
    leverage: Floats,
) -> None:
    """Set the margins of hedged accounts' legs by hedge price `all`."""
    chosen = ((pair[0].volume > 0) & (pair[1].volume > 0))[inverse]
    rows = cell.rows[chosen]
    if not len(rows):
        return
    accounts, indexes = np.unique(inverse[chosen], return_inverse=True)
    price, rate = average_prices_and_rates(
        cell.symbol,
        cell.group.currency,
        indexes,
        held.volume[rows],
        held.open[rows],
        held.rate[rows],
    )
    for leg in pair:
        volume = leg.volume[accounts]
        leg.margin[accounts] = scaled_margins(cell.symbol, volume, price, rate, leverage[accounts])


def scaled_margins(
    symbol: Symbol, volume: Floats, price: Floats | float, rate: Floats | float, leverage: Floats
) -> Floats:
    """Return the margins: that of a minimal lot at price and leverage 1, scaled by all four."""
    margin = float(formulas.margin_by_leverage(symbol, 1, ONE, 1)[0]) * volume * rate
    if symbol.margin_mode in PRICED_MODES:
        margin *= price
    if symbol.margin_mode in LEVERAGED_MODES:
        margin /= leverage
    return margin


def split_into_legs(
    held: PositionsTable, cell: PositionCell, inverse: NDArray[np.intp], margin: Floats
) -> tuple[LegArrays, LegArrays]:
    """Return the long and the short leg of each account of the cell."""
    volume, long = held.volume[cell.rows], held.direction[cell.rows] > 0
    return (
        LegArrays(sum_by_index(inverse, volume * long), sum_by_index(inverse, margin * long)),
        LegArrays(sum_by_index(inverse, volume * ~long), sum_by_index(inverse, margin * ~long)),
    )
