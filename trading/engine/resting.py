"""Levels that a quote reached while their market was closed: they wait for its opening.

Such a quote is not tradable and decides nothing. The first quote after the opening that reaches the
level does, at its own price; that goes by the quotes' times, so a path that is walked again tells
the same story.
"""

import time
from collections.abc import Iterable

from accounts.models import Group
from market import catalog, sessions
from market.path import Tick
from trading.engine.book import Hit
from trading.engine.levels import Kind

LIFE = 60.0  # seconds after which the service is asked again: an account may change its group


class Resting:
    """What rests, so that not every quote of a closed market costs a vain transaction."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, Kind], tuple[float, Group]] = {}

    def put(self, hit: Hit, login: int) -> None:
        """The market was closed at the hit's quote."""
        moment = time.monotonic()
        while self._groups and next(iter(self._groups.values()))[0] < moment:
            self._groups.pop(next(iter(self._groups)))
        self._groups.pop((hit.order, hit.kind), None)  # the dictionary is in the order of `until`
        group = Group.objects.get(accounts=login)
        self._groups[hit.order, hit.kind] = moment + LIFE, group

    def pop(self, hit: Hit) -> None:
        """The level rests no more."""
        self._groups.pop((hit.order, hit.kind), None)

    def holds(self, hit: Hit) -> bool:
        """Whether the level rests, and the market is still closed at the hit's quote."""
        until, group = self._groups.get((hit.order, hit.kind), (0.0, None))
        return until > time.monotonic() and not _is_open(hit.tick, group)

    def opening(self, hit: Hit, ticks: Iterable[Tick]) -> Tick | None:
        """The first of the quotes after a resting hit's that is one of an open market."""
        _, group = self._groups.get((hit.order, hit.kind), (0.0, None))
        if group is None:
            return None
        return next(
            (
                tick
                for tick in ticks
                if tick.number > hit.tick.number
                and tick.symbol == hit.tick.symbol
                and _is_open(tick, group)
            ),
            None,
        )


def _is_open(tick: Tick, group: Group | None) -> bool:
    """A symbol that this process does not know yet is left to the service."""
    symbol = catalog.current().symbols.get(tick.symbol)
    return symbol is None or sessions.is_open(symbol, group, tick.time / 1000)
