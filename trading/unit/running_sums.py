"""The sums over a locked account's positions, worked out once and then only for what changes."""

from collections.abc import Mapping

from trading.valuation.account import Valuation
from trading.valuation.position_sums import CountedPosition, PositionSums
from trading.valuation.positions import Position


class RunningSums:
    """The sums at the quotes of one valuation; `positions` are those of the account at any time."""

    def __init__(self, valuation: Valuation, positions: Mapping[int, Position]) -> None:
        self.valuation = valuation
        self._positions = positions
        self._counted: dict[int, CountedPosition] = {}
        self._sums = PositionSums(valuation.group, valuation.account.leverage)
        self._changed = dict.fromkeys(positions)  # orders, in their order

    def mark_changed(self, order: int) -> None:
        """Note that the order may be another position than before, or none."""
        self._changed[order] = None

    def current(self) -> PositionSums:
        """Return the sums over the positions as they are now.

        Raises:
            OffQuotes: of a strict valuation, where a price is not known.
        """
        if self._changed:
            orders = [order for order in self._changed if order in self._positions]
            changed = [self._positions[order] for order in orders]
            counted = list(self.valuation.count_positions(changed))
            for order in self._changed:
                before = self._counted.pop(order, None)
                if before is not None:
                    self._sums.remove(before)
            self._sums.add(counted)
            self._counted.update(zip(orders, counted, strict=True))
            self._changed.clear()
        return self._sums
