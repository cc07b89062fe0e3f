"""Which position a stop-out closes next, and how much of it (domain.md, section 6)."""

from bisect import bisect_left
from collections.abc import Iterable
from copy import copy
from decimal import Decimal
from heapq import heapify, heappop, heappush

from accounts.enums import StopOutOrder
from market.models import Symbol
from trading.enums import LevelType
from trading.services import order_rules
from trading.services.margin_actions import MarginSnapshot
from trading.valuation.account import Valuation
from trading.valuation.positions import Position


def must_stop_out(snapshot: MarginSnapshot) -> bool:
    """Return whether the stop-out level is reached, by unrounded figures.

    Without margin there is no level: such an account is stopped out when its equity is
    gone.
    """
    figures, group = snapshot.figures, snapshot.account.group
    if snapshot.sums.is_empty:
        return False
    if not figures.margin:
        return figures.equity <= 0
    if figures.level_type is not LevelType.STOP_OUT:
        return False
    return not (group.stopout_skip_hedged and figures.equity > 0 and snapshot.sums.is_fully_hedged)


def closing_result(snapshot: MarginSnapshot, position: Position) -> Decimal:
    """Return what closing it posts: the floating profit with storage and commission."""
    return snapshot.valuation.floating_profit(position) + position.storage + position.commission


class StopOutQueue:
    """The positions that a stop-out may close, in the group's order; among equals the older first.

    What puts them in order, the loss or the margin of each, stays the same at the same quotes.
    """

    def __init__(self, snapshot: MarginSnapshot, positions: Iterable[Position]) -> None:
        self._snapshot = snapshot
        self._by_loss = snapshot.account.group.stopout_order == StopOutOrder.LARGEST_LOSS
        self._heap = [self._entry(position) for position in positions]
        heapify(self._heap)

    def put(self, position: Position) -> None:
        """Add a position, such as what a partial close has left of one."""
        heappush(self._heap, self._entry(position))

    def take(self) -> Position | None:
        """Take the position that is closed next, None where there is none."""
        return heappop(self._heap)[2] if self._heap else None

    def _entry(self, position: Position) -> tuple[Decimal, int, Position]:
        if self._by_loss:
            return closing_result(self._snapshot, position), position.order, position
        margin = self._snapshot.valuation.position_margin(position)
        return -margin, position.order, position


def volume_to_close(snapshot: MarginSnapshot, position: Position, symbol: Symbol) -> int:
    """Return how much to close, in minimal lots: all, or with `partial` just enough.

    Enough is what brings the account above the stop-out level again. What remains is a
    volume that may remain of any partial close.
    """
    whole = position.volume
    if snapshot.account.group.stopout_order != StopOutOrder.PARTIAL:
        return whole
    volumes = order_rules.partial_close_volumes(symbol, whole)

    def heals(lots: int) -> bool:
        return not must_stop_out(snapshot_after_closing(snapshot, position, lots))

    # Closing more helps only until the symbol is fully hedged; beyond, the margin may grow again,
    # and of the volumes on the step one may fall short of that point and the next be beyond it.
    covered = bisect_left(volumes, uncovered_volume(snapshot, position))
    for end in (covered - 1, covered, len(volumes) - 1):
        if 0 <= end < len(volumes) and heals(volumes[end]):
            return volumes[bisect_left(volumes, True, hi=end, key=heals)]
    return whole


def uncovered_volume(snapshot: MarginSnapshot, position: Position) -> int:
    """Return by how much the position's side of its symbol exceeds the other side."""
    return snapshot.sums.net_volume(position.instrument.name) * position.direction


def snapshot_after_closing(
    snapshot: MarginSnapshot, position: Position, lots: int
) -> MarginSnapshot:
    """Return the account's snapshot with `lots` of the position closed; cents are not rounded."""
    share = Decimal(lots) / position.volume
    account = copy(snapshot.account)
    account.balance += closing_result(snapshot, position) * share
    remaining = position._replace(
        volume=position.volume - lots,
        storage=position.storage * (1 - share),
        commission=position.commission * (1 - share),
    )
    before, sums = snapshot.valuation, snapshot.sums.copy()
    for counted in before.count_positions([position]):
        sums.remove(counted)
    if remaining.volume:
        sums.add(before.count_positions([remaining]))
    valuation = Valuation(account, before.converter, before.quotes, strict=True)
    figures = valuation.figures_of_sums(sums)
    return MarginSnapshot(account, sums, valuation, snapshot.quotes, figures)
