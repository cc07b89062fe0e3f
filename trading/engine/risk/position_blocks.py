"""Positions of one kind in numpy arrays: what they share is stored once for the whole block."""

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.conversion import ConversionSide, conversion_sides
from market.enums import PRICED_MODES
from market.models import LOT, Markup, Symbol
from trading.engine.arrays import ColumnTable, SortedIntMap
from trading.engine.risk.price_ranges import Bounds, RateRanges
from trading.valuation import formulas


class BlockKey(NamedTuple):
    """What the positions of a block have in common; `mid` when they are converted at mid."""

    symbol: str
    direction: int
    currency: str  # the account's
    mid: bool
    converts_as: int | None = None  # the group at whose prices it is converted, None: the market's


class MarginKey(NamedTuple):
    """What the margins at mid of one `MidMargins` have in common."""

    symbol: str
    currency: str  # the accounts'
    markup: Markup
    converts_as: int | None


class BlockTerms(NamedTuple):
    """A block's factors at a moment: the closing price, and amount → account currency.

    `gain` and `loss` contain direction, contract and rate; a gain never converts better than a
    loss, so the smaller product is the right one, whatever the sign.
    """

    close: float
    gain: float
    loss: float


NO_TERMS = BlockTerms(0.0, 0.0, 0.0)  # no price or no rate: no profit is shown, as in `valuation`


class PositionBlock(ColumnTable):
    """Open positions of one kind, with the profit that each counts with at the moment.

    `markups` are those of their accounts' groups: each position has the index of its own.
    """

    SCHEMA: ClassVar = {
        "order": np.int64,
        "account": np.intp,  # the account's index
        "volume": np.float64,  # minimal lots
        "open": np.float64,
        "costs": np.float64,  # commission + storage
        "rate": np.float64,  # of the margin, at the open
        "profit": np.float64,
        "markup": np.int16,
    }

    def __init__(self, key: BlockKey, symbol: Symbol) -> None:
        super().__init__()
        self.key, self.symbol = key, symbol
        self.markups: list[Markup] = []
        unit = symbol.contract_size / LOT * formulas.tick_factor(symbol)
        self._unit = float(unit) * key.direction
        self._sides = conversion_sides(at_mid=key.mid)

    def index_of(self, markup: Markup) -> int:
        """Return the index of a mark-up, a new one where the block does not have it."""
        if markup not in self.markups:
            self.markups.append(markup)
        return self.markups.index(markup)

    def terms_at(self, rates: RateRanges, index: int) -> BlockTerms:
        """Return the worst factors of a mark-up within the prices' ranges.

        Of single quotes they are exact; NO_TERMS where a price or a rate is missing.
        """
        pair, group = (self.symbol.quote_currency, self.key.currency), self.key.converts_as
        sold, bought = (rates.bounds(*pair, side, group) for side in self._sides)
        quote_range = rates.range_of(self.symbol, self.markups[index])
        if quote_range is None or sold is None or bought is None:
            return NO_TERMS
        close = quote_range.bid_low if self.key.direction > 0 else quote_range.ask_high
        return BlockTerms(close, self._unit * sold[0], self._unit * bought[1])

    def profits_at(self, rates: RateRanges) -> NDArray[np.float64]:
        """Return every position's worst profit within the ranges."""
        terms = [self.terms_at(rates, index) for index in range(len(self.markups))]
        if not terms:
            return np.empty(0)
        close: float | NDArray[np.float64] = terms[0].close
        if len(terms) > 1:
            close = np.array([one.close for one in terms])[self.used("markup")]
        amount = close - self.used("open")
        amount *= self.used("volume")
        profit: NDArray[np.float64] = amount * terms[0].gain
        amount *= terms[0].loss
        np.minimum(profit, amount, out=profit)
        return profit

    def revalue(self, rates: RateRanges, totals: NDArray[np.float64]) -> None:
        """Set every position's profit, and add the differences to the accounts."""
        profit, held = self.profits_at(rates), self.used("profit")
        difference = profit - held
        held[:] = profit
        np.add.at(totals, self.used("account"), difference)

    def profit_of(self, index: int, terms: BlockTerms) -> float:
        """Return one position's profit at these terms."""
        amount = (terms.close - self.data["open"].item(index)) * self.data["volume"].item(index)
        return float(min(amount * terms.gain, amount * terms.loss))

    def margin_keys(self) -> set[MarginKey]:
        """Return the keys of the margins at mid that the positions may have."""
        symbol, _, currency, _, converts_as = self.key
        return {MarginKey(symbol, currency, markup, converts_as) for markup in self.markups}


class MidMargins(ColumnTable):
    """Margins of accounts in one symbol that follow the market (`margin_rate_mode` mid).

    The market is what the accounts see of it, with their groups' mark-up.
    """

    SCHEMA: ClassVar = {
        "account": np.intp,
        "units": np.float64,  # the margin at price 1 and rate 1
        "fixed": np.float64,  # the margin where the market has no price
        "margin": np.float64,
    }

    def __init__(self, key: MarginKey, symbol: Symbol) -> None:
        super().__init__()
        self.key, self.symbol = key, symbol
        self.row_by_account = SortedIntMap()  # account's index → row here

    def put(self, account: int, units: float, fixed: float) -> None:
        """Set an account's margin factors; its margin is set by the next `revalue`."""
        row = self.row_by_account.get(account)
        if row < 0:
            self.row_by_account.put(account, self.append(account, units, fixed, 0.0))
        else:
            self.data["units"][row], self.data["fixed"][row] = units, fixed

    def remove(self, account: int) -> float:
        """Remove an account's margin; return what it counted with."""
        row = self.row_by_account.pop(account)
        if row < 0:
            return 0.0
        margin = self.data["margin"].item(row)
        if self.drop(row) != row:
            self.row_by_account.put(self.data["account"].item(row), row)
        return float(margin)

    def factor_at(self, rates: RateRanges) -> Bounds | None:
        """Return the range of price · rate, or of the rate alone; None where one is missing."""
        quote_range = rates.range_of(self.symbol, self.key.markup)
        pair = formulas.margin_currency(self.symbol), self.key.currency
        rate = rates.bounds(*pair, ConversionSide.MID, self.key.converts_as)
        if quote_range is None or rate is None:
            return None
        if self.symbol.margin_mode not in PRICED_MODES:
            return rate
        return quote_range.mid[0] * rate[0], quote_range.mid[1] * rate[1]

    def revalue(self, rates: RateRanges, totals: NDArray[np.float64]) -> None:
        """Set every margin to its largest within the ranges; add the differences to `totals`."""
        factor = self.factor_at(rates)
        margin = self.used("units") * factor[1] if factor else self.used("fixed")
        held = self.used("margin")
        np.add.at(totals, self.used("account"), margin - held)
        held[:] = margin

    def update_margin(self, account: int, rates: RateRanges) -> float:
        """Set one account's margin to its largest within the ranges; return it."""
        margin = self.margin_of(account, rates)
        self.data["margin"][self.row_by_account.get(account)] = margin
        return margin

    def margin_of(self, account: int, rates: RateRanges) -> float:
        """Return one account's margin in the symbol, the largest within the ranges."""
        row, factor = self.row_by_account.get(account), self.factor_at(rates)
        if row < 0:
            return 0.0
        if factor is None:
            return float(self.data["fixed"].item(row))
        return float(self.data["units"].item(row) * factor[1])
