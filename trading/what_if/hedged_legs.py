"""Tiers and hedges over whole arrays of legs, as `formulas` and `hedged_margin` have them.

Floats, and the same results up to their rounding; the tests compare them with each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts.enums import HedgeMargin
from market.enums import LEVERAGED_MODES
from market.models import LOT, Symbol

Floats = NDArray[np.float64]


@dataclass(slots=True)
class LegArrays:
    """One side's positions in a symbol, an entry an account; empty ones have no volume."""

    volume: Floats
    margin: Floats

    def margin_of_parts(self, volume: Floats) -> Floats:
        """Return the margin of these volumes as parts of the legs."""
        part = np.divide(volume, self.volume, out=np.zeros_like(volume), where=self.volume > 0)
        return self.margin * part


def sum_by_index(indexes: NDArray[np.intp], values: Floats, count: int = 0) -> Floats:
    """Return the sums of the values by index, at least `count` of them."""
    return np.bincount(indexes, values, count).astype(np.float64, copy=False)


def tiered_margin(symbol: Symbol, legs: LegArrays, leverage: Floats) -> Floats:
    """Return the legs' margins by the symbol's leverage tiers, from those at full leverage."""
    if not symbol.leverage_tiers or symbol.margin_mode not in LEVERAGED_MODES:
        return legs.margin
    begin, weighed = np.zeros_like(legs.volume), np.zeros_like(legs.volume)
    for lots, most in symbol.leverage_tiers:
        limit = np.inf if lots is None else round(lots * LOT)
        end = np.maximum(begin, np.minimum(legs.volume, limit))
        weighed += (end - begin) * leverage / np.minimum(leverage, most)
        begin = end
    return LegArrays(legs.volume, legs.margin).margin_of_parts(weighed)


def hedged_margin(model: str, long: LegArrays, short: LegArrays, contract: float) -> Floats:
    """Return the margin of both legs together; `contract`: h of `valuation.hedged_margin`."""
    both = long.margin + short.margin
    if model == HedgeMargin.LARGER_LEG:
        return np.maximum(long.margin, short.margin)
    if model == HedgeMargin.SUM:
        return both
    is_short_larger = long.volume < short.volume
    large = LegArrays(
        np.where(is_short_larger, short.volume, long.volume),
        np.where(is_short_larger, short.margin, long.margin),
    )
    small = LegArrays(
        np.where(is_short_larger, long.volume, short.volume),
        np.where(is_short_larger, long.margin, short.margin),
    )
    covered = small.volume
    uncovered = large.margin_of_parts(large.volume - covered)
    if model == HedgeMargin.HALF_EACH:
        pair = (large.margin_of_parts(covered) + small.margin) / 2
    elif model == HedgeMargin.CONTRACT:
        pair = LegArrays(large.volume + small.volume, both).margin_of_parts(covered) * contract
    else:
        pair = np.zeros_like(both)
    return np.where(covered > 0, uncovered + pair, both)
