"""What of symbols, groups and terms moves the figures of accounts, and where it has changed."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from market.catalog import Catalog
from market.models import Markup

Key = TypeVar("Key")
# The fields of a symbol that decide a position's profit and margin.
SYMBOL_TERMS = (
    "currency", "quote_currency", "margin_currency", "digits", "contract_size", "profit_mode",
    "margin_mode", "margin_divider", "margin_initial", "margin_hedged", "leverage_tiers",
    "tick_size", "tick_value",
)  # fmt: skip


def changed_keys(
    old: Mapping[Key, object], new: Mapping[Key, object], terms: tuple[str, ...]
) -> set[Key]:
    """Return the keys whose objects differ in one of the terms, or are new or gone."""
    both = old.keys() & new.keys()
    differ = {k for k in both if any(getattr(old[k], t) != getattr(new[k], t) for t in terms)}
    return differ | (old.keys() ^ new.keys())


def changed_terms(
    old: Catalog, new: Catalog, held: Iterable[str], converting: Iterable[int]
) -> set[tuple[int, str]]:
    """Return groups (ids) and the symbols, in both catalogs, that they see or trade otherwise.

    Of the symbols that are held, and of all for the groups whose own prices convert.
    """
    if old is new:
        return set()
    groups, both = old.terms.groups | new.terms.groups, old.symbols.keys() & new.symbols.keys()
    pairs = {(group, name) for group in groups for name in both & set(held)}
    pairs |= {(group, name) for group in groups & set(converting) for name in both}
    return {
        (group, name)
        for group, name in pairs
        if _terms_of(old, group, name) != _terms_of(new, group, name)
    }


def _terms_of(catalog: Catalog, group: int, symbol: str) -> tuple[Markup, object]:
    """Return what of a group's terms moves its figures."""
    instrument = catalog.terms.instrument(group, catalog.symbols[symbol])
    return catalog.terms.markup(group, symbol), instrument.leverage_tiers
