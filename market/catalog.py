"""The symbols of this process, cached: all figures need them, and they rarely change.

Rules that admit or refuse an order read the symbol's row itself; valuations, conversions
and lists may be CACHE_SECONDS behind a change that another process made. Then the versions
of the rows are compared (where they are and who wrote them: each change moves both), and the
symbols with all that was derived from them stay as long as nothing has changed.
"""

import time
from dataclasses import dataclass

from django.db.models.signals import post_delete, post_save

from market.conversion import Converter
from market.models import Symbol
from market.sessions import timetable

CACHE_SECONDS = 2.0  # seconds after which another process's change of a symbol is seen


@dataclass(frozen=True, slots=True)
class Catalog:
    """All symbols by name, in the market's order, and the conversion paths over them."""

    symbols: dict[str, Symbol]
    converter: Converter


_cached: tuple[float, str, Catalog] | None = None  # when it was compared, versions, symbols


def current_catalog() -> Catalog:
    """Return the symbols as they are now, or were at most CACHE_SECONDS seconds ago."""
    global _cached  # noqa: PLW0603 - the cache of this process
    cached = _cached  # another thread may drop it at any moment
    if cached is not None and time.monotonic() - cached[0] > CACHE_SECONDS:
        asked = time.monotonic()
        same = Symbol.objects.row_versions() == cached[1]
        _cached = cached = (asked, *cached[1:]) if same else None
    if cached is None:
        _cached = cached = (time.monotonic(), *_load_catalog())
    return cached[2]


def _load_catalog() -> tuple[str, Catalog]:
    """Return the versions of the symbols' rows, and the symbols."""
    symbols = list(Symbol.objects.in_market_order().with_row_versions())
    versions = ",".join(symbol.row_version for symbol in symbols)
    return versions, Catalog({symbol.name: symbol for symbol in symbols}, Converter(symbols))


def find_symbol(name: str) -> Symbol:
    """Return the symbol of the name, also one that another process has just created.

    Raises:
        KeyError: there is none.
    """
    if name not in current_catalog().symbols:
        clear_catalog()
    return current_catalog().symbols[name]


def digits_of_symbol(name: str | None) -> int | None:
    """Return the digits of the symbol's prices; None without a symbol, and of one that is gone."""
    symbol = current_catalog().symbols.get(name or "")
    return None if symbol is None else symbol.digits


def current_converter() -> Converter:
    """Return the conversion paths over the current symbols."""
    return current_catalog().converter


def clear_catalog(**_: object) -> None:
    """Clear the cached symbols and schedules; called when this process wrote a symbol."""
    global _cached  # noqa: PLW0603
    _cached = None
    timetable.clear_timetable()


post_save.connect(clear_catalog, sender=Symbol)
post_delete.connect(clear_catalog, sender=Symbol)
