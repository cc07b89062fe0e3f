"""The terms of all account groups: symbols as the accounts of a group trade them."""

import copy
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from core import name_patterns
from market.models import NO_MARKUP, GroupTerms, Markup, Symbol


class TermsTable:
    """The entries of one version of the terms, and what was derived from them so far."""

    def __init__(self, entries: Iterable[GroupTerms] = ()) -> None:
        self._entries: dict[int, list[GroupTerms]] = defaultdict(list)
        for entry in entries:
            self._entries[entry.group_id].append(entry)
        self._fitting: dict[tuple[int, str], GroupTerms | None] = {}
        self._instruments: dict[tuple[int, str], tuple[Symbol, Symbol]] = {}
        self._marking_up = {
            group: any(entry.markup != NO_MARKUP for entry in found)
            for group, found in self._entries.items()
        }

    def instrument(self, group: int, symbol: Symbol) -> Symbol:
        """Return the symbol as accounts of the group (its id) trade it.

        It is `symbol` itself where no entry fits. The only way to read what terms may override.
        """
        if group not in self._entries:
            return symbol
        key = (group, symbol.name)
        known = self._instruments.get(key)
        if known is not None and known[0] is symbol:
            return known[1]
        entry = self.find_entry(*key)
        instrument = symbol if entry is None else apply_terms(entry, symbol)
        self._instruments[key] = (symbol, instrument)
        return instrument

    def find_entry(self, group: int, symbol: str) -> GroupTerms | None:
        """Return the first entry of the group (its id) that fits the symbol's name."""
        key = (group, symbol)
        if key not in self._fitting:
            fitting = (
                entry
                for entry in self._entries.get(group, ())
                if name_patterns.matches_patterns(entry.symbols, symbol)
            )
            self._fitting[key] = next(fitting, None)
        return self._fitting[key]

    def markup(self, group: int, symbol: str) -> Markup:
        """Return how the group's prices of the symbol differ from the market's."""
        if not self.marks_up(group):
            return NO_MARKUP
        entry = self.find_entry(group, symbol)
        return NO_MARKUP if entry is None else entry.markup

    def marks_up(self, group: int) -> bool:
        """Return whether the group sees any symbol at other prices than the market's."""
        return self._marking_up.get(group, False)

    @property
    def marks_up_any(self) -> bool:
        """Return whether any group sees other prices than the market's."""
        return any(self._marking_up.values())

    @property
    def groups(self) -> AbstractSet[int]:
        """Return the ids of the groups that have terms of their own."""
        return self._entries.keys()


def apply_terms(entry: GroupTerms, symbol: Symbol) -> Symbol:
    """Return a copy of the symbol with what the entry says otherwise."""
    instrument = copy.copy(symbol)
    for cached in ("specification", "short_row"):  # of the symbol itself
        instrument.__dict__.pop(cached, None)
    for name, value in entry.overrides():
        setattr(instrument, name, value)
    cap = entry.leverage_cap
    if cap is not None:
        tiers = symbol.leverage_tiers or [[None, cap]]
        instrument.leverage_tiers = [[lots, min(leverage, cap)] for lots, leverage in tiers]
    return instrument
