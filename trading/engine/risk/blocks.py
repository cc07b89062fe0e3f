"""Positions of one kind in numpy arrays: what they share is stored once for the whole block."""

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.conversion import Side, conversion_sides
from market.enums import PRICED
from market.models import LOT, Symbol
from trading import formulas
from trading.engine.columns import Columns, Index
from trading.engine.risk.rates import Bounds, Rates


class Kind(NamedTuple):
    """What the positions of a block have in common; `mid` when they are converted at mid."""

    symbol: str
    direction: int
    currency: str  # the account's
    mid: bool


class Terms(NamedTuple):
    """A block's factors at a moment: the closing price, and amount → account currency.

    `gain` and `loss` contain direction, contract and rate; a gain never converts better than a
    loss, so the smaller product is the right one, whatever the sign.
    """

    close: float
    gain: float
    loss: float


NOTHING = Terms(0.0, 0.0, 0.0)  # no price or no rate: no profit is shown, as in `valuation`


class Block(Columns):
    """Open positions of one kind, with the profit that each counts with at the moment."""

    SCHEMA: ClassVar = {
        "order": np.int64,
        "account": np.intp,  # the account's index
        "volume": np.float64,  # minimal lots
        "open": np.float64,
        "costs": np.float64,  # commission + storage
        "rate": np.float64,  # of the margin, at the open
        "profit": np.float64,
    }

    def __init__(self, kind: Kind, symbol: Symbol) -> None:
        super().__init__()
        self.kind, self.symbol = kind, symbol
        unit = symbol.contract_size / LOT * formulas.tick_factor(symbol)
        self._unit = float(unit) * kind.direction
        self._sides = conversion_sides(at_mid=kind.mid)

    def terms(self, rates: Rates) -> Terms:
        """Return the worst factors within the prices' ranges; of single quotes the exact ones.

        NO_TERMS where a price or a rate is missing.
        """
        span = rates.spans.get(self.kind.symbol)
        source, target = self.symbol.quote_currency, self.kind.currency
        sold, bought = (rates.bounds(source, target, side) for side in self._sides)
        if span is None or sold is None or bought is None:
            return NOTHING
        close = span.bid_low if self.kind.direction > 0 else span.ask_high
        return Terms(close, self._unit * sold[0], self._unit * bought[1])

    def revalue(self, terms: Terms, totals: NDArray[np.float64]) -> None:
        """Set every position's profit by these terms, and add the differences to the accounts."""
        amount = terms.close - self.used("open")
        amount *= self.used("volume")
        profit = amount * terms.gain
        amount *= terms.loss
        np.minimum(profit, amount, out=profit)
        held = self.used("profit")
        np.subtract(profit, held, out=amount)
        held[:] = profit
        np.add.at(totals, self.used("account"), amount)

    def profit(self, place: int, terms: Terms) -> float:
        """Return one position's profit at these terms."""
        amount = (terms.close - self.data["open"].item(place)) * self.data["volume"].item(place)
        return float(min(amount * terms.gain, amount * terms.loss))


class Holdings(Columns):
    """Margins of accounts in one symbol that follow the market (`margin_rate_mode` mid)."""

    SCHEMA: ClassVar = {
        "account": np.intp,
        "units": np.float64,  # the margin at price 1 and rate 1
        "fixed": np.float64,  # the margin where the market has no price
        "margin": np.float64,
    }

    def __init__(self, symbol: Symbol, currency: str) -> None:
        super().__init__()
        self.symbol, self.currency = symbol, currency
        self.places = Index()  # account's index → row here

    def put(self, account: int, units: float, fixed: float) -> None:
        """Set an account's margin factors; its margin is set by the next `revalue`."""
        place = self.places.get(account)
        if place < 0:
            self.places.put(account, self.append(account, units, fixed, 0.0))
        else:
            self.data["units"][place], self.data["fixed"][place] = units, fixed

    def take(self, account: int) -> float:
        """Remove an account's margin; return what it counted with."""
        place = self.places.pop(account)
        if place < 0:
            return 0.0
        margin = self.data["margin"].item(place)
        if self.drop(place) != place:
            self.places.put(self.data["account"].item(place), place)
        return float(margin)

    def factor(self, rates: Rates) -> Bounds | None:
        """Return the range of price · rate, or of the rate alone; None where one is missing."""
        span = rates.spans.get(self.symbol.name)
        source = formulas.margin_currency(self.symbol)
        rate = rates.bounds(source, self.currency, Side.MID)
        if span is None or rate is None:
            return None
        if self.symbol.margin_mode not in PRICED:
            return rate
        return span.mid[0] * rate[0], span.mid[1] * rate[1]

    def revalue(self, rates: Rates, totals: NDArray[np.float64]) -> None:
        """Set every margin to its largest within the ranges; add the differences to `totals`."""
        factor = self.factor(rates)
        margin = self.used("units") * factor[1] if factor else self.used("fixed")
        held = self.used("margin")
        np.add.at(totals, self.used("account"), margin - held)
        held[:] = margin

    def set(self, account: int, rates: Rates) -> float:
        """Set one account's margin to its largest within the ranges; return it."""
        margin = self.margin(account, rates)
        self.data["margin"][self.places.get(account)] = margin
        return margin

    def margin(self, account: int, rates: Rates) -> float:
        """Return one account's margin in the symbol, the largest within the ranges."""
        place, factor = self.places.get(account), self.factor(rates)
        if place < 0:
            return 0.0
        if factor is None:
            return float(self.data["fixed"].item(place))
        return float(self.data["units"].item(place) * factor[1])
