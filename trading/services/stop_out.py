"""Which position a stop-out closes next, and how much of it (domain.md, section 6)."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from copy import copy
from decimal import Decimal

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
    if not snapshot.positions:
        return False
    if not figures.margin:
        return figures.equity <= 0
    if figures.level_type is not LevelType.STOP_OUT:
        return False
    return not (
        group.stopout_skip_hedged and figures.equity > 0 and is_fully_hedged(snapshot.positions)
    )


def is_fully_hedged(positions: Sequence[Position]) -> bool:
    """Return whether every symbol's long volume equals its short volume."""
    net: Counter[str] = Counter()
    for position in positions:
        net[position.instrument.name] += position.direction * position.volume
    return not any(net.values())


def closing_result(snapshot: MarginSnapshot, position: Position) -> Decimal:
    """Return what closing it posts: the floating profit with storage and commission."""
    return snapshot.valuation.floating_profit(position) + position.storage + position.commission


def next_position_to_close(snapshot: MarginSnapshot, positions: Sequence[Position]) -> Position:
    """Return the position that the group's stop-out order names; among equals the older one."""
    if snapshot.account.group.stopout_order == StopOutOrder.LARGEST_LOSS:
        return min(positions, key=lambda one: (closing_result(snapshot, one), one.order))
    return min(positions, key=lambda one: (-snapshot.valuation.position_margin(one), one.order))


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
    name = position.instrument.name
    positions = (other for other in snapshot.positions if other.instrument.name == name)
    return sum(other.direction * other.volume for other in positions) * position.direction


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
    others = [other for other in snapshot.positions if other.order != position.order]
    positions = [*others, remaining] if remaining.volume else others
    paths, quotes = snapshot.valuation.converter, snapshot.valuation.quotes
    valuation = Valuation(account, paths, quotes, strict=True)
    figures = valuation.figures(positions)
    return MarginSnapshot(account, positions, valuation, snapshot.quotes, figures)
