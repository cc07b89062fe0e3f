"""Quotes as an account group sees them: the market's with the group's mark-up."""

from dataclasses import dataclass
from functools import cached_property
from math import isinf
from typing import NamedTuple

from accounts.models import Group
from market.catalog import Catalog, current_catalog, find_symbol
from market.models import NO_MARKUP, Markup
from market.quotes.quote import Quote, Quotes
from market.terms.market_levels import UNITS, marked_up, market_level, to_units

VIEWS_AGE = 0.5  # seconds; the stream asks each second, to see changed terms within two


class GroupQuotes:
    """The quotes of `market` with the mark-ups of a group; each is worked out once.

    Money is converted at the market's own, so that it stays at hand.
    """

    def __init__(self, market: Quotes, group: int, catalog: Catalog) -> None:
        self.market, self.group, self.catalog = market, group, catalog
        self._known: dict[str, tuple[Quote, Quote]] = {}  # symbol → the market's, the group's

    def get(self, symbol: str) -> Quote | None:
        quote = self.market.get(symbol)
        if quote is None:
            return None
        known = self._known.get(symbol)
        if known is None or known[0] is not quote:
            known = self._known[symbol] = quote, self.see(quote)
        return known[1]

    def see(self, quote: Quote) -> Quote:
        """Return a quote of the market as the group sees it."""
        return mark_up(quote, self.group, self.catalog)


@dataclass(frozen=True, slots=True)
class QuotesWithTerms:
    """The market's quotes, to be marked up by the terms of a given catalog."""

    quotes: Quotes
    catalog: Catalog

    def get(self, symbol: str) -> Quote | None:
        return self.quotes.get(symbol)


def mark_up(quote: Quote, group: int, catalog: Catalog) -> Quote:
    """Return the quote as accounts of the group (its id) see it; `Quote.market` is the market's."""
    markup = catalog.terms.markup(group, quote.symbol)
    if markup == NO_MARKUP:
        return quote.market
    # A symbol that was only just created is not in the catalog yet.
    symbol = catalog.symbols.get(quote.symbol) or find_symbol(quote.symbol)
    return quote.with_markup(markup, symbol)


def quotes_of_group(quotes: Quotes, group: Group) -> Quotes:
    """Return the quotes as accounts of the group see them.

    Terms are those of the `catalog` that the source holds fast, as the engine's does while it
    processes a batch, else the current ones. Without mark-ups it is `quotes` itself.
    """
    if isinstance(quotes, GroupQuotes) or group.pk is None:  # what is not stored has no terms
        return quotes
    catalog = catalog_of(quotes) or current_catalog()
    return GroupQuotes(quotes, group.pk, catalog) if catalog.terms.marks_up(group.pk) else quotes


def quotes_seen(quotes: Quotes, group: Group | None) -> Quotes:
    """Return the quotes as the group's clients see them; for None the market's."""
    return quotes if group is None else quotes_of_group(quotes, group)


def catalog_of(quotes: Quotes) -> Catalog | None:
    """Return the catalog that the source holds fast, None where it has none."""
    catalog: Catalog | None = getattr(quotes, "catalog", None)
    return catalog


def market_quotes(quotes: Quotes) -> Quotes:
    """Return the market's own quotes."""
    return quotes.market if isinstance(quotes, GroupQuotes) else quotes


class SeenPrices(NamedTuple):
    """The prices of a symbol of so many digits with a mark-up, as floats of the exact decimals."""

    markup: Markup
    digits: int

    def apply(self, bid: float, ask: float) -> tuple[float, float]:
        """Return bid and ask as they are seen, from the market's."""
        return marked_up(bid, ask, self.markup, self.digits)

    @property
    def is_of_sum(self) -> bool:
        """Return whether both prices follow from the sum of the market's."""
        return self.markup.spread is not None

    def market_levels(
        self, up: float | None, down: float | None, *, of_bid: bool
    ) -> tuple[float | None, float | None]:
        """Return the market's levels at which the bid, or else ask, is at `up` or at `down`.

        They are of the market's bid or ask, or of the sum of both in units. No quote that gets
        there is left out; one that is a unit away from it may be in.
        """
        return (
            None if up is None else self._market_level(up, of_bid=of_bid, rises=True),
            None if down is None else self._market_level(down, of_bid=of_bid, rises=False),
        )

    def _market_level(self, price: float, *, of_bid: bool, rises: bool) -> float:
        if isinf(price):
            return price
        units = to_units(price)
        if rises and units / UNITS < price:
            units += 1
        elif not rises and units / UNITS > price:
            units -= 1
        return market_level(units / UNITS, self.markup, self.digits, of_bid=of_bid, rises=rises)


class GroupPriceViews:
    """How each group sees each symbol's prices, by one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._known: dict[tuple[int, str], SeenPrices | None] = {}

    def view_of(self, group: int, symbol: str) -> SeenPrices | None:
        """Return how the group (its id) sees the symbol's prices; None is the market's."""
        if not self.catalog.terms.marks_up(group):
            return None
        key = (group, symbol)
        if key not in self._known:
            self._known[key] = self._find_view(group, symbol)
        return self._known[key]

    @cached_property
    def by_group(self) -> dict[int, dict[str, SeenPrices]]:
        """Return for each group (its id) the symbols that it sees otherwise, and how."""
        found: dict[int, dict[str, SeenPrices]] = {}
        for group in filter(self.catalog.terms.marks_up, self.catalog.terms.groups):
            views = {name: self.view_of(group, name) for name in self.catalog.symbols}
            found[group] = {name: view for name, view in views.items() if view is not None}
        return {group: views for group, views in found.items() if views}

    @cached_property
    def has_spreads(self) -> bool:
        """Return whether any group sees a fixed spread."""
        return any(view.is_of_sum for views in self.by_group.values() for view in views.values())

    def _find_view(self, group: int, name: str) -> SeenPrices | None:
        markup, symbol = self.catalog.terms.markup(group, name), self.catalog.symbols.get(name)
        return None if markup == NO_MARKUP or symbol is None else SeenPrices(markup, symbol.digits)


_views: GroupPriceViews | None = None  # of this process


def current_price_views(within: float = VIEWS_AGE) -> GroupPriceViews:
    """Return the views as they are now, or were at most `within` seconds ago.

    It is the same object while the catalog is the same.
    """
    global _views  # noqa: PLW0603 - a slow thread may put an older one here: the next read sees it
    catalog, views = current_catalog(within), _views
    if views is None or views.catalog is not catalog:
        _views = views = GroupPriceViews(catalog)
    return views
