"""Quotes as an account group sees them: the market's with the group's mark-up."""

from accounts.models import Group
from market.catalog import Catalog, current_catalog
from market.models import NO_MARKUP
from market.quotes.quote import Quote, Quotes


class GroupQuotes:
    """The quotes of `market` with the mark-ups of a group; each is worked out once.

    Money is converted at the market's own, so that it stays at hand.
    """

    def __init__(self, market: Quotes, group: int, catalog: Catalog) -> None:
        self.market, self.group = market, group
        self._catalog = catalog
        self._known: dict[str, tuple[Quote, Quote]] = {}  # symbol → the market's, the group's

    def get(self, symbol: str) -> Quote | None:
        quote = self.market.get(symbol)
        if quote is None:
            return None
        known = self._known.get(symbol)
        if known is None or known[0] is not quote:
            known = self._known[symbol] = quote, mark_up(quote, self.group, self._catalog)
        return known[1]


def mark_up(quote: Quote, group: int, catalog: Catalog) -> Quote:
    """Return the quote as accounts of the group (its id) see it; `Quote.market` is the market's."""
    markup = catalog.terms.markup(group, quote.symbol)
    symbol = catalog.symbols.get(quote.symbol)
    return quote if markup == NO_MARKUP or symbol is None else quote.with_markup(markup, symbol)


def quotes_of_group(quotes: Quotes, group: Group) -> Quotes:
    """Return the quotes as accounts of the group see them.

    Terms are those of the `catalog` that the source holds fast, as the engine's does while it
    processes a batch, else the current ones. Without mark-ups it is `quotes` itself.
    """
    if isinstance(quotes, GroupQuotes):
        return quotes
    catalog = getattr(quotes, "catalog", None) or current_catalog()
    return GroupQuotes(quotes, group.pk, catalog) if catalog.terms.marks_up(group.pk) else quotes


def quotes_seen(quotes: Quotes, group: Group | None) -> Quotes:
    """Return the quotes as the group's clients see them; for None the market's."""
    return quotes if group is None else quotes_of_group(quotes, group)


def market_quotes(quotes: Quotes) -> Quotes:
    """Return the market's own quotes."""
    return quotes.market if isinstance(quotes, GroupQuotes) else quotes
