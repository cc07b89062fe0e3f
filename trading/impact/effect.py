"""What-if: what other conditions would do to accounts with open positions; nothing is written."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts.models import Group
from market.catalog import Catalog
from market.conversion import Converter
from market.models import Symbol
from market.quotes import LatestQuotes
from trading.engine import loading
from trading.impact.judging import Seen, Standing, exactly, judged
from trading.impact.reading import Positions, Whose, positions
from trading.impact.worth import Conditions, Worth, worth

SHOWN = 100  # accounts


@dataclass(frozen=True, slots=True)
class Fallen:
    """An account that would be called or stopped out, and is not now."""

    login: int
    group: Group
    before: Seen
    after: Seen


@dataclass(frozen=True, slots=True)
class Effect:
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
    fallen: list[Fallen]
    hidden: int  # of those that fall, in groups that may not be named
    oldest: int  # time of receipt of the oldest quote that was used, unix ms; 0 is none


def now() -> Conditions:
    """Return the conditions as they are stored."""
    symbols = list(Symbol.objects.listed())
    catalog = Catalog({symbol.name: symbol for symbol in symbols}, Converter(symbols))
    return Conditions(catalog, loading.groups())


def with_symbol(terms: Conditions, symbol: Symbol) -> Conditions:
    """Return the conditions with another row of a symbol."""
    symbols = {**terms.catalog.symbols, symbol.name: symbol}
    return Conditions(Catalog(symbols, Converter(symbols.values())), terms.groups)


def with_group(terms: Conditions, group: Group) -> Conditions:
    """Return the conditions with another row of a group."""
    return Conditions(terms.catalog, {**terms.groups, group.pk: group})


def effect(
    before: Conditions, after: Conditions, whose: Whose, shown_groups: list[int] | None = None
) -> Effect | None:
    """Return what `after` does in the place of `before`; None where no account has a position.

    `nameable_groups` are the groups whose accounts may be named, None all of them.
    """
    held = positions(list(before.catalog.symbols), whose)
    if not len(held.logins):
        return None
    quotes = Aged()
    quotes.load(before.catalog.symbols)
    old, new = worth(held, before, quotes), worth(held, after, quotes)
    falls = Falls(held, before, after, quotes)
    falls.judge(old, new)
    sums = old.sums(held, before.groups), new.sums(held, after.groups)
    named = falls.named(shown_groups)
    return Effect(
        accounts=len(held.logins),
        unknown=int((~(old.known & new.known)).sum()),
        missing=sorted(old.missing | new.missing),
        margin={currency: (sums[0][currency], sums[1][currency]) for currency in sorted(sums[0])},
        called=falls.count(Standing.CALL),
        stopped=falls.count(Standing.STOP_OUT),
        relieved=int((falls.after < falls.before).sum()),
        fallen=falls.worst(named),
        hidden=int(len(falls.places) - len(named)),
        oldest=quotes.oldest({held.symbols[i] for i in np.unique(held.symbol).tolist()}),
    )


class Aged(LatestQuotes):
    """The newest quotes, which know their age."""

    def oldest(self, symbols: set[str]) -> int:
        """Return when the oldest of these was received, unix ms; 0 where there is none."""
        found = (self.get(name) for name in symbols)
        return min((quote.received for quote in found if quote), default=0)


class Falls:
    """The margin status of all accounts before and after, and which accounts fall."""

    def __init__(
        self, held: Positions, old: Conditions, new: Conditions, quotes: LatestQuotes
    ) -> None:
        self.held, self.old, self.new, self.quotes = held, old, new, quotes

    def judge(self, old: Worth, new: Worth) -> None:
        """Compare all accounts by floats, and exactly those near a level."""
        first = judged(self.held, old, self.old.groups)
        then = judged(self.held, new, self.new.groups)
        self.before, self.after, self.level = first.standing, then.standing, then.level
        known = old.known & new.known
        self.after[~known] = self.before[~known]
        near = np.flatnonzero((first.near | then.near) & known)
        logins = self.held.logins[near].tolist()
        for standing, terms in ((self.before, self.old), (self.after, self.new)):
            seen = exactly(logins, terms, self.quotes)
            standing[near] = [seen[n].standing if n in seen else Standing.OK for n in logins]
        self.places = np.flatnonzero(self.after > self.before)

    def count(self, standing: Standing) -> int:
        """Return how many accounts fall to this status."""
        return int((self.after[self.places] == standing).sum())

    def named(self, groups: list[int] | None) -> NDArray[np.intp]:
        """Return those that may be named, the worst first: by status, then by their level."""
        places = self.places
        if groups is not None:
            places = places[np.isin(self.held.groups[places], groups)]
        return places[np.lexsort((self.level[places], -self.after[places]))]

    def worst(self, places: NDArray[np.intp]) -> list[Fallen]:
        """Return the first of them, with their exact figures."""
        first = places[:SHOWN]
        logins, groups = self.held.logins[first].tolist(), self.held.groups[first].tolist()
        before = exactly(logins, self.old, self.quotes)
        after = exactly(logins, self.new, self.quotes)
        return [
            Fallen(login, self.old.groups[group], before[login], after[login])
            for login, group in zip(logins, groups, strict=True)
            if login in before and login in after  # else its positions were closed meanwhile
        ]
