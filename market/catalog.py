"""The symbols of this process, cached: all figures need them, and they rarely change.

Rules that admit or refuse an order read the symbol's row itself; valuations, conversions
and lists may be CACHE_SECONDS behind a change that another process made.
"""

import time
from dataclasses import dataclass

from django.db.models.signals import post_delete, post_save

from market import timetable
from market.conversion import Converter
from market.models import Symbol

LIFE = 2.0  # seconds after which another process's change of a symbol is seen


@dataclass(frozen=True, slots=True)
class Catalog:
    """All symbols by name, in the market's order, and the conversion paths over them."""

    symbols: dict[str, Symbol]
    converter: Converter


_kept: tuple[float, Catalog] | None = None


def current() -> Catalog:
    """Return the symbols as they are now, or were at most CACHE_SECONDS seconds ago."""
    global _kept  # noqa: PLW0603 - the cache of this process
    kept = _kept  # another thread may drop it at any moment
    if kept is None or time.monotonic() - kept[0] > LIFE:
        symbols = list(Symbol.objects.listed())
        catalog = Catalog({symbol.name: symbol for symbol in symbols}, Converter(symbols))
        _kept = kept = (time.monotonic(), catalog)
    return kept[1]


def named(name: str) -> Symbol:
    """Return the symbol of the name, also one that another process has just created.

    Raises:
        KeyError: there is none.
    """
    if name not in current().symbols:
        forget()
    return current().symbols[name]


def converter() -> Converter:
    """Return the conversion paths over the current symbols."""
    return current().converter


def forget(**_: object) -> None:
    """Clear the cached symbols and schedules; called when this process wrote a symbol."""
    global _kept  # noqa: PLW0603
    _kept = None
    timetable.forget()


post_save.connect(forget, sender=Symbol)
post_delete.connect(forget, sender=Symbol)
