"""Which position a stop-out closes next, and how much of it (domain.md, section 6)."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from copy import copy
from decimal import Decimal

from accounts.enums import StopOutOrder
from market.models import Symbol
from trading import rules
from trading.enums import LevelType
from trading.margin_log import Look
from trading.positions import Position
from trading.valuation import Valuation


def must_close(seen: Look) -> bool:
    """Return whether the stop-out level is reached, by unrounded figures.

    Without margin there is no level: such an account is stopped out when its equity is
    gone.
    """
    figures, group = seen.figures, seen.account.group
    if not seen.positions:
        return False
    if not figures.margin:
        return figures.equity <= 0
    if figures.level_type is not LevelType.STOP_OUT:
        return False
    return not (group.stopout_skip_hedged and figures.equity > 0 and fully_hedged(seen.positions))


def fully_hedged(positions: Sequence[Position]) -> bool:
    """Return whether every symbol's long volume equals its short volume."""
    net: Counter[str] = Counter()
    for position in positions:
        net[position.instrument.name] += position.direction * position.volume
    return not any(net.values())


def net_result(seen: Look, position: Position) -> Decimal:
    """Return what closing it posts: the floating profit with storage and commission."""
    return seen.valuation.floating(position) + position.storage + position.commission


def next_of(seen: Look, positions: Sequence[Position]) -> Position:
    """Return the position that the group's stop-out order names; among equals the older one."""
    if seen.account.group.stopout_order == StopOutOrder.LARGEST_LOSS:
        return min(positions, key=lambda one: (net_result(seen, one), one.order))
    return min(positions, key=lambda one: (-seen.valuation.margin(one), one.order))


def lots_of(seen: Look, position: Position, symbol: Symbol) -> int:
    """Return how much to close, in minimal lots: all, or with `partial` just enough.

    Enough is what brings the account above the stop-out level again. What remains is a
    volume that may remain of any partial close.
    """
    whole = position.volume
    if seen.account.group.stopout_order != StopOutOrder.PARTIAL:
        return whole
    parts = rules.closing_parts(symbol, whole)

    def heals(lots: int) -> bool:
        return not must_close(after_closing(seen, position, lots))

    # Closing more helps only until the symbol is fully hedged; beyond, the margin may grow again,
    # and of the volumes on the step one may fall short of that point and the next be beyond it.
    covered = bisect_left(parts, uncovered(seen, position))
    for end in (covered - 1, covered, len(parts) - 1):
        if 0 <= end < len(parts) and heals(parts[end]):
            return parts[bisect_left(parts, True, hi=end, key=heals)]
    return whole


def uncovered(seen: Look, position: Position) -> int:
    """Return by how much the position's side of its symbol exceeds the other side."""
    name = position.instrument.name
    legs = (other for other in seen.positions if other.instrument.name == name)
    return sum(other.direction * other.volume for other in legs) * position.direction


def after_closing(seen: Look, position: Position, lots: int) -> Look:
    """Return the account's snapshot with `lots` of the position closed; cents are not rounded."""
    share = Decimal(lots) / position.volume
    account = copy(seen.account)
    account.balance += net_result(seen, position) * share
    kept = position._replace(
        volume=position.volume - lots,
        storage=position.storage * (1 - share),
        commission=position.commission * (1 - share),
    )
    others = [other for other in seen.positions if other.order != position.order]
    positions = [*others, kept] if kept.volume else others
    paths, quotes = seen.valuation.converter, seen.quotes
    valuation = Valuation(account, paths, quotes, strict=True)
    return Look(account, positions, valuation, quotes, valuation.figures(positions))
