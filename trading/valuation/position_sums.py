"""Sums over an account's open positions at one set of quotes, updated as positions come and go.

They are exact, so that they do not depend on the order in which positions came and went: an
account of thousands of positions is not summed up again for each that closes.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from functools import reduce
from typing import NamedTuple

from accounts.enums import HedgePrice, RateMode
from accounts.models import Group
from core.money import ZERO
from market.models import Symbol
from trading.valuation import formulas
from trading.valuation.hedged_margin import Leg, average_price_and_rate, hedged_margin
from trading.valuation.profit_terms import ValuedTrade

# Enough digits for any sum of amounts that have 28 each: nothing is rounded.
EXACT = Context(prec=120)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum, rounded once."""
    return +reduce(EXACT.add, amounts, ZERO)


@dataclass(slots=True)
class SymbolSums:
    """The positions in one symbol; `prices` and `rates` are weighted by volume.

    The margins of the legs are those of their positions, without leverage tiers.
    """

    symbol: Symbol
    long: Leg = field(default_factory=Leg)
    short: Leg = field(default_factory=Leg)
    prices: Decimal = ZERO
    rates: Decimal = ZERO
    count: int = 0


class CountedPosition(NamedTuple):
    """A position with its floating profit and its margin alone, without leverage tiers."""

    trade: ValuedTrade
    profit: Decimal
    margin: Decimal


class PositionSums:
    """Floating profit, storage, commission and used margin of positions."""

    def __init__(self, group: Group, leverage: int) -> None:
        self._group, self._leverage = group, leverage
        at_mid = group.margin_rate_mode == RateMode.MID
        self._at_average = group.hedge_price == HedgePrice.ALL and not at_mid
        self._profit = self._storage = self._commission = ZERO
        self._by_symbol: dict[str, SymbolSums] = {}
        self._margins: dict[str, Decimal] = {}  # by symbol, as far as known

    @property
    def profit(self) -> Decimal:
        """Return the floating profit."""
        return +self._profit

    @property
    def storage(self) -> Decimal:
        """Return the storage."""
        return +self._storage

    @property
    def commission(self) -> Decimal:
        """Return the commission."""
        return +self._commission

    @property
    def margin(self) -> Decimal:
        """Return the margin of all positions; opposite ones count by the group's model."""
        known = self._margins
        for name, sums in self._by_symbol.items():
            if name not in known:
                known[name] = self._margin_of(sums)
        return exact_sum(known.values())

    @property
    def symbols(self) -> list[Symbol]:
        """Return the symbols of the positions."""
        return [sums.symbol for sums in self._by_symbol.values()]

    @property
    def is_empty(self) -> bool:
        """Return whether there is no position."""
        return not self._by_symbol

    @property
    def is_fully_hedged(self) -> bool:
        """Return whether every symbol's long volume equals its short volume."""
        return not any(map(self.net_volume, self._by_symbol))

    def net_volume(self, symbol: str) -> int:
        """Return the symbol's long volume less its short volume, in minimal lots."""
        sums = self._by_symbol[symbol]
        return sums.long.volume - sums.short.volume

    def copy(self) -> "PositionSums":
        """Return sums of their own, at first over the same positions."""
        other = PositionSums(self._group, self._leverage)
        by_symbol = {
            name: replace(sums, long=copy(sums.long), short=copy(sums.short))
            for name, sums in self._by_symbol.items()
        }
        vars(other).update(vars(self), _by_symbol=by_symbol, _margins=dict(self._margins))
        return other

    def add(self, counted: Iterable[CountedPosition]) -> None:
        """Add positions."""
        for one in counted:
            self._count(one, 1)

    def remove(self, counted: CountedPosition) -> None:
        """Take out a position that was added."""
        self._count(counted, -1)

    def margin_with(self, trade: ValuedTrade, margin: Decimal) -> Decimal:
        """Return the margin of all positions and one more, whose own margin is given."""
        one = CountedPosition(trade, ZERO, margin)
        self._count(one, 1)
        try:
            return self.margin
        finally:
            self._count(one, -1)

    def _count(self, counted: CountedPosition, times: int) -> None:
        """Add a position, or take it out with `times` -1."""
        trade, profit, margin = counted
        symbol, volume = trade.instrument, trade.volume * times
        add = EXACT.add if times > 0 else EXACT.subtract
        self._profit = add(self._profit, profit)
        self._storage = add(self._storage, trade.storage)
        self._commission = add(self._commission, trade.commission)
        sums = self._by_symbol.get(symbol.name)
        if sums is None:
            sums = self._by_symbol[symbol.name] = SymbolSums(symbol)
        sums.count += times
        leg = sums.long if trade.direction > 0 else sums.short
        leg.volume += volume
        leg.margin = add(leg.margin, margin)
        if self._at_average:
            sums.prices = EXACT.add(sums.prices, EXACT.multiply(trade.open_price, volume))
            sums.rates = EXACT.add(sums.rates, EXACT.multiply(trade.margin_rate, volume))
        self._margins.pop(symbol.name, None)
        if not sums.count:
            del self._by_symbol[symbol.name]

    def _margin_of(self, sums: SymbolSums) -> Decimal:
        """Return the margin of a symbol's two legs, each at the leverage of its own size."""
        symbol, currency = sums.symbol, self._group.currency
        long, short = (Leg(leg.volume, +leg.margin) for leg in (sums.long, sums.short))
        if self._at_average and long.volume and short.volume:
            volume = long.volume + short.volume
            price, rate = average_price_and_rate(
                symbol, currency, volume, +sums.prices, +sums.rates
            )
            for leg in (long, short):
                margin = formulas.margin_by_leverage(symbol, leg.volume, price, self._leverage)[0]
                leg.margin = margin * rate
        if symbol.leverage_tiers:
            for leg in (long, short):
                leg.margin = formulas.apply_leverage_tiers(
                    symbol, leg.margin, leg.volume, self._leverage
                )
        contract = symbol.margin_hedged / symbol.contract_size
        return hedged_margin(self._group.hedge_margin, long, short, contract)
