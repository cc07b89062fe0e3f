"""The quotes of a unit of work as an account sees them."""

from accounts.models import Group
from market.group_quotes import GroupQuotes, quotes_of_group
from market.quotes.quote import Quote, Quotes


class AccountQuotes:
    """The sources of quotes with a group's mark-ups, the same one for the same source."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._known: list[tuple[Quotes, Quotes]] = []  # the given ones, and as they are seen

    def mark_up(self, quotes: Quotes) -> Quotes:
        """Return the quotes as the group sees them."""
        for given, seen in self._known:
            if given is quotes or seen is quotes:
                return seen
        seen = quotes_of_group(quotes, self._group)
        self._known.append((quotes, seen))
        return seen

    def mark_up_quote(self, quote: Quote, quotes: Quotes) -> Quote:
        """Return a quote of the market as the group sees it, by the terms of `quotes`."""
        seen = self.mark_up(quotes)
        return seen.see(quote) if isinstance(seen, GroupQuotes) else quote
