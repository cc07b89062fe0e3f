"""What-if: what other conditions would do to accounts with open positions; nothing is written."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from accounts.models import Group
from market.catalog import Catalog, load_terms
from market.conversion import Converter
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from market.terms.terms_table import TermsTable
from trading.engine import order_loading
from trading.what_if.account_values import AccountValues, Conditions, compute_values
from trading.what_if.margin_status import (
    ExactStatus,
    MarginStatus,
    exact_statuses,
    status_by_floats,
)
from trading.what_if.positions_table import AccountSelection, PositionsTable, read_positions

MAX_NAMED = 100  # accounts


@dataclass(frozen=True, slots=True)
class FallenAccount:
    """An account that would be called or stopped out, and is not now."""

    login: int
    group: Group
    before: ExactStatus
    after: ExactStatus


@dataclass(frozen=True, slots=True)
class WhatIfEffect:
    """What a change of conditions does to the accounts with open positions.

    `fallen` are the worst of those that `called` and `stopped` count, as far as they may be named.
    """

    accounts: int
    unknown: int  # accounts without complete figures: a price is missing
    missing: list[str]  # its symbols
    margin: dict[str, tuple[float, float]]  # by currency, before and after
    called: int
    stopped: int
    relieved: int  # whose margin status would be better than now
    fallen: list[FallenAccount]
    hidden: int  # of those that fall, in groups that may not be named
    oldest: int  # time of receipt of the oldest quote that was used, unix ms; 0 is none


def stored_conditions() -> Conditions:
    """Return the conditions as they are stored."""
    symbols = {symbol.name: symbol for symbol in Symbol.objects.in_market_order()}
    catalog = Catalog(symbols, Converter(symbols.values()), TermsTable(load_terms()))
    return Conditions(catalog, order_loading.load_groups())


def replace_symbol(conditions: Conditions, symbol: Symbol) -> Conditions:
    """Return the conditions with another row of a symbol."""
    symbols = {**conditions.catalog.symbols, symbol.name: symbol}
    catalog = Catalog(symbols, Converter(symbols.values()), conditions.catalog.terms)
    return Conditions(catalog, conditions.groups)


def replace_terms(conditions: Conditions, entry: GroupTerms) -> Conditions:
    """Return the conditions with another row, or a new one, of the terms of account groups."""
    entries = [one for one in load_terms() if one.pk != entry.pk]
    entries += [entry] if entry.enabled else []
    entries.sort(key=lambda one: (one.position, one.pk or inf))
    known = conditions.catalog
    return Conditions(
        Catalog(known.symbols, known.converter, TermsTable(entries)), conditions.groups
    )


def replace_group(conditions: Conditions, group: Group) -> Conditions:
    """Return the conditions with another row of a group."""
    return Conditions(conditions.catalog, {**conditions.groups, group.pk: group})


def compute_effect(
    before: Conditions,
    after: Conditions,
    selection: AccountSelection,
    nameable_groups: list[int] | None = None,
) -> WhatIfEffect | None:
    """Return what `after` does in the place of `before`; None where no account has a position.

    `nameable_groups` are the groups whose accounts may be named, None all of them.
    """
    held = read_positions(list(before.catalog.symbols), selection)
    if not len(held.logins):
        return None
    quotes = AgedQuotes()
    quotes.load(before.catalog.symbols)
    old, new = compute_values(held, before, quotes), compute_values(held, after, quotes)
    falls = MarginFalls(held, before, after, quotes)
    falls.compare(old, new)
    sums = old.margin_by_currency(held, before.groups), new.margin_by_currency(held, after.groups)
    nameable = falls.nameable(nameable_groups)
    return WhatIfEffect(
        accounts=len(held.logins),
        unknown=int((~(old.known & new.known)).sum()),
        missing=sorted(old.missing | new.missing),
        margin={currency: (sums[0][currency], sums[1][currency]) for currency in sorted(sums[0])},
        called=falls.count(MarginStatus.CALL),
        stopped=falls.count(MarginStatus.STOP_OUT),
        relieved=int((falls.after < falls.before).sum()),
        fallen=falls.worst(nameable),
        hidden=int(len(falls.indexes) - len(nameable)),
        oldest=quotes.oldest_received({held.symbols[i] for i in np.unique(held.symbol).tolist()}),
    )


class AgedQuotes(LatestQuotes):
    """The newest quotes, which know their age."""

    def oldest_received(self, symbols: set[str]) -> int:
        """Return when the oldest of these was received, unix ms; 0 where there is none."""
        found = (self.get(name) for name in symbols)
        return min((quote.received for quote in found if quote), default=0)


class MarginFalls:
    """The margin status of all accounts before and after, and which accounts fall."""

    def __init__(
        self, held: PositionsTable, old: Conditions, new: Conditions, quotes: LatestQuotes
    ) -> None:
        self.held, self.old, self.new, self.quotes = held, old, new, quotes

    def compare(self, old: AccountValues, new: AccountValues) -> None:
        """Compare all accounts by floats, and exactly those near a level."""
        first = status_by_floats(self.held, old, self.old.groups)
        then = status_by_floats(self.held, new, self.new.groups)
        self.before, self.after, self.level = first.status, then.status, then.level
        known = old.known & new.known
        self.after[~known] = self.before[~known]
        near = np.flatnonzero((first.near | then.near) & known)
        logins = self.held.logins[near].tolist()
        for status, conditions in ((self.before, self.old), (self.after, self.new)):
            exact = exact_statuses(logins, conditions, self.quotes)
            status[near] = [exact[n].status if n in exact else MarginStatus.OK for n in logins]
        self.indexes = np.flatnonzero(self.after > self.before)

    def count(self, status: MarginStatus) -> int:
        """Return how many accounts fall to this status."""
        return int((self.after[self.indexes] == status).sum())

    def nameable(self, groups: list[int] | None) -> NDArray[np.intp]:
        """Return those that may be named, the worst first: by status, then by their level."""
        indexes = self.indexes
        if groups is not None:
            indexes = indexes[np.isin(self.held.groups[indexes], groups)]
        return indexes[np.lexsort((self.level[indexes], -self.after[indexes]))]

    def worst(self, indexes: NDArray[np.intp]) -> list[FallenAccount]:
        """Return the first of them, with their exact figures."""
        first = indexes[:MAX_NAMED]
        logins, groups = self.held.logins[first].tolist(), self.held.groups[first].tolist()
        before = exact_statuses(logins, self.old, self.quotes)
        after = exact_statuses(logins, self.new, self.quotes)
        return [
            FallenAccount(login, self.old.groups[group], before[login], after[login])
            for login, group in zip(logins, groups, strict=True)
            if login in before and login in after  # else its positions were closed meanwhile
        ]
