"""The symbols and terms of this process, cached: all figures need them, and they rarely change.

Rules that admit or refuse an order read the symbol's row itself; terms, valuations, conversions
and lists may be CACHE_SECONDS behind a change that another process made. Then the versions
of the rows are compared (where they are and who wrote them: each change moves both), and the
symbols and terms with all that was derived from them stay as long as nothing has changed.
"""

import time
from dataclasses import dataclass, field

from django.db.models.signals import post_delete, post_save

from accounts.models import Group
from core import name_patterns
from market.conversion import Converter
from market.models import GroupTerms, Symbol
from market.querysets import read_catalog_versions
from market.sessions import timetable
from market.terms.terms_table import TermsTable

CACHE_SECONDS = 2.0  # seconds after which another process's change of a symbol is seen


@dataclass(frozen=True, slots=True)
class Catalog:
    """All symbols by name in the market's order, their conversion paths, the groups' terms."""

    symbols: dict[str, Symbol]
    converter: Converter
    terms: TermsTable = field(default_factory=TermsTable)

    def matching(self, pattern: str) -> list[Symbol]:
        """Return the symbols that the name pattern fits, in the market's order."""
        symbols = self.symbols.values()
        return [one for one in symbols if name_patterns.matches_patterns(pattern, one.name)]

    def instrument(self, group: Group, name: str) -> Symbol:
        """Return the symbol as accounts of the group trade it.

        Raises:
            KeyError: there is none of this name.
        """
        return self.terms.instrument(group.pk, self.symbols[name])


# When the versions were compared, the versions, what they say.
_cached: tuple[float, tuple[str, str], Catalog] | None = None


def current_catalog(within: float | None = None) -> Catalog:
    """Return the symbols and terms as they are now, or were at most `within` seconds ago.

    None stands for CACHE_SECONDS.
    """
    global _cached  # noqa: PLW0603 - the cache of this process
    cached = _cached  # another thread may drop it at any moment
    if cached is not None and time.monotonic() - cached[0] > (
        CACHE_SECONDS if within is None else within
    ):
        asked = time.monotonic()
        same = read_catalog_versions() == cached[1]
        _cached = cached = (asked, *cached[1:]) if same else None
    if cached is None:
        _cached = cached = (time.monotonic(), *_load_catalog())
    return cached[2]


def _load_catalog() -> tuple[tuple[str, str], Catalog]:
    """Return what the rows of symbols and terms say, with their versions from just before."""
    versions = read_catalog_versions()
    symbols = list(Symbol.objects.in_market_order())
    by_name = {symbol.name: symbol for symbol in symbols}
    return versions, Catalog(by_name, Converter(symbols), TermsTable(load_terms()))


def load_terms() -> list[GroupTerms]:
    """Return the terms of account groups that count, in their order."""
    return list(GroupTerms.objects.filter(enabled=True).order_by("position", "id"))


def find_symbol(name: str) -> Symbol:
    """Return the symbol of the name, also one that another process has just created.

    Raises:
        KeyError: there is none.
    """
    if name not in current_catalog().symbols:
        clear_catalog()
    return current_catalog().symbols[name]


def find_instrument(group: int, name: str) -> Symbol:
    """Return `find_symbol` as accounts of the group (its id) trade it; raises as that does."""
    return instrument_of(group, find_symbol(name))


def instrument_of(group: int, symbol: Symbol) -> Symbol:
    """Return a symbol, as its row was read, as accounts of the group (its id) trade it."""
    return current_catalog().terms.instrument(group, symbol)


def digits_of_symbol(name: str | None) -> int | None:
    """Return the digits of the symbol's prices; None without a symbol, and of one that is gone."""
    symbol = current_catalog().symbols.get(name or "")
    return None if symbol is None else symbol.digits


def current_converter() -> Converter:
    """Return the conversion paths over the current symbols."""
    return current_catalog().converter


def clear_catalog(**_: object) -> None:
    """Clear the cached symbols, terms and schedules; called when this process wrote one."""
    global _cached  # noqa: PLW0603
    _cached = None
    timetable.clear_timetable()


for model in (Symbol, GroupTerms):
    post_save.connect(clear_catalog, sender=model)
    post_delete.connect(clear_catalog, sender=model)
