"""The prices that account groups see, as the market contributes them (`price_views`)."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from typing import Protocol

from django.db import Error

from core.sections import load_contributions
from realtime.stream.database import run_query

REFRESH_INTERVAL = 1.0  # seconds; with the query itself, changed terms are seen within two
log = logging.getLogger(__name__)


class PriceView(Hashable, Protocol):
    """How the prices of a symbol differ from the market's; equal views show equal prices."""

    def apply(self, bid: float, ask: float) -> tuple[float, float]:
        """Return bid and ask as they are seen, from the market's."""


class PriceViews(Protocol):
    """The views of all groups and symbols by the terms of one moment."""

    def view_of(self, group: int, symbol: str) -> PriceView | None:
        """Return how the group (its id) sees the symbol's prices; None is the market's."""


class CurrentPriceViews:
    """The views that this process shows, read again every REFRESH_INTERVAL.

    `changed` is called when other views are shown.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        [self._load] = load_contributions("price_views")
        self._changed = changed
        self._views: PriceViews | None = None
        self._refreshing = asyncio.create_task(self._refresh())

    def stop(self) -> None:
        """Read no more."""
        self._refreshing.cancel()

    async def ensure_loaded(self) -> None:
        """Return when the views are known.

        Raises:
            Error: the database does not answer.
        """
        if self._views is None:
            self._views = await run_query(self._load)

    def view_of(self, group: int, symbol: str) -> PriceView | None:
        """Return how the group (its id) sees the symbol's prices; None is the market's."""
        return None if self._views is None else self._views.view_of(group, symbol)

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_INTERVAL)
            try:
                views = await run_query(self._load)
            except Error as error:
                log.warning("terms of account groups are late: %s", error)
                continue
            if views is not self._views:
                self._views = views
                self._changed()
