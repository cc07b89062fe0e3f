"""Triggers that a quote reached while their market was closed: they wait for its opening.

Such a quote is not tradable and decides nothing. The first quote after the opening that reaches
the trigger does, at its own price; that goes by the quotes' times, so processing the tick log
again gives the same result.
"""

import time
from collections.abc import Iterable

from accounts.models import Group
from market import catalog
from market.quotes.tick_log import Tick
from market.sessions import state
from trading.engine.triggers.levels import TriggerKind
from trading.engine.triggers.trigger_book import TriggerHit

RECHECK_AFTER = 60.0  # seconds until the service is called again: an account may change its group


class DeferredTriggers:
    """The deferred triggers, so that not every quote of a closed market costs a transaction."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, TriggerKind], tuple[float, Group]] = {}

    def defer(self, hit: TriggerHit, group: Group) -> None:
        """Defer the trigger: the market was closed for the group at the hit's quote."""
        now = time.monotonic()
        while self._groups and next(iter(self._groups.values()))[0] < now:
            self._groups.pop(next(iter(self._groups)))
        self._groups.pop((hit.order, hit.kind), None)  # the dictionary is in the order of `until`
        self._groups[hit.order, hit.kind] = now + RECHECK_AFTER, group

    def discard(self, hit: TriggerHit) -> None:
        """Stop deferring the trigger."""
        self._groups.pop((hit.order, hit.kind), None)

    def is_deferred(self, hit: TriggerHit) -> bool:
        """Return whether the trigger is deferred and the market still closed at the hit's quote."""
        until, group = self._groups.get((hit.order, hit.kind), (0.0, None))
        return until > time.monotonic() and not _is_market_open(hit.tick, group)

    def opening_tick(self, hit: TriggerHit, ticks: Iterable[Tick]) -> Tick | None:
        """Return the first quote after a deferred hit's in an open market, None without one."""
        _, group = self._groups.get((hit.order, hit.kind), (0.0, None))
        if group is None:
            return None
        return next(
            (
                tick
                for tick in ticks
                if tick.seq_no > hit.tick.seq_no
                and tick.symbol == hit.tick.symbol
                and _is_market_open(tick, group)
            ),
            None,
        )


def _is_market_open(tick: Tick, group: Group | None) -> bool:
    """Return whether the market is open; a symbol unknown here is left to the service."""
    symbol = catalog.current_catalog().symbols.get(tick.symbol)
    if symbol is not None and group is not None:
        symbol = catalog.instrument_of(group.pk, symbol)
    return symbol is None or state.is_open(symbol, group, tick.time / 1000)
