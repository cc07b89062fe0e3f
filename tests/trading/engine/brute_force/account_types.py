"""Account types of the brute force: whose prices differ from the market's how, and since when.

Nothing of the platform is imported here.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import NamedTuple

from tests.trading.engine.brute_force.trigger_oracle import OracleQuote, PlannedRequest

OF_ACCOUNT = 25  # orders
TYPES, RULES = 8, 4  # types t and t + RULES have the same rules for fills
USUAL = 12  # of the market's spreads in the middle, in the units of shifts
MOST, WIDEST = 12, 40  # units of a mark-up, and of a fixed spread


class Shift(NamedTuple):
    """What a type's prices are away from the market's, in points, or its fixed spread."""

    bid: int = 0
    ask: int = 0
    spread: int | None = None

    def see(self, quote: OracleQuote) -> OracleQuote:
        """Return the quote as the type sees it."""
        if self.spread is None:
            return quote._replace(bid=max(quote.bid - self.bid, 1), ask=quote.ask + self.ask)
        bid = max((quote.bid + quote.ask - self.spread) // 2, 1)
        return quote._replace(bid=bid, ask=bid + self.spread)


Shifts = dict[str, Shift]  # by symbol; of others the market's prices are seen


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """After `at` raw quotes a type gets other shifts, or an account another type.

    The engine had processed `walked` raw quotes then: only later ones are seen otherwise.
    """

    at: int
    type: int
    shifts: Shifts | None = None
    account: int = -1
    walked: int = 0


PlannedStep = PlannedRequest | PlannedChange


@dataclass
class AccountTypes:
    """The types' shifts, and which accounts were moved; account n begins in type n mod TYPES."""

    shifts: list[Shifts] = field(default_factory=lambda: [{} for _ in range(TYPES)])
    moved: dict[int, int] = field(default_factory=dict)

    def type_of(self, account: int) -> int:
        """Return the account's type."""
        return self.moved.get(account, account % TYPES)

    def see(self, key: int, symbol: str) -> Callable[[OracleQuote], OracleQuote]:
        """Return how the account of an order sees the quotes of a symbol."""
        return self.shifts[self.type_of(key // OF_ACCOUNT)].get(symbol, Shift()).see

    def apply(self, change: PlannedChange) -> None:
        """Apply a change."""
        if change.shifts is None:
            self.moved[change.account] = change.type
        else:
            self.shifts[change.type] = change.shifts

    def copy(self) -> "AccountTypes":
        return deepcopy(self)


Quotes = Mapping[str, Sequence[OracleQuote]]


def unit_of(quotes: Sequence[OracleQuote]) -> int:
    """Return the points by which shifts of a symbol are measured: its spreads differ."""
    return max(1, round(median(quote.ask - quote.bid for quote in quotes) / USUAL))


def farthest(quote: OracleQuote, unit: int) -> int:
    """Return the points that a type's price is away from the market's, at most."""
    return max(MOST * unit, (quote.ask - quote.bid + WIDEST * unit) // 2 + 1)


def random_shift(chance: Random, unit: int) -> Shift:
    if chance.random() < 0.4:
        return Shift(spread=chance.randint(0, WIDEST * unit))
    return Shift(chance.randint(0, MOST * unit), chance.randint(0, MOST * unit))


def random_shifts(chance: Random, quotes: Quotes) -> Shifts:
    return {
        name: random_shift(chance, unit_of(of))
        for name, of in quotes.items()
        if chance.random() < 0.8
    }


def random_types(chance: Random, quotes: Quotes) -> AccountTypes:
    """Return types of which the first two see the market itself."""
    return AccountTypes([{}, {}, *(random_shifts(chance, quotes) for _ in range(TYPES - 2))])


def random_changes(
    chance: Random, quotes: Quotes, moments: Sequence[int], accounts: int
) -> list[PlannedChange]:
    """Return a change at each moment: of a type's shifts, or of an account's type."""
    types, found = AccountTypes(), []
    for at in moments:
        if chance.random() < 0.5:
            shifts = random_shifts(chance, quotes)
            found.append(PlannedChange(at, chance.randrange(TYPES), shifts))
        else:
            account = chance.randrange(accounts)
            other = (types.type_of(account) + RULES) % TYPES
            found.append(PlannedChange(at, other, account=account))
            types.apply(found[-1])
    return found
