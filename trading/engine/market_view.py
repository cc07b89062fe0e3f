"""The market view: the newest quotes that the engine has processed."""

from collections.abc import Iterable

from core.money import exact_decimal
from market.catalog import Catalog
from market.quotes.quote import FixedQuotes, LatestQuotes, Quote, Quotes
from market.quotes.tick_log import Batch, Tick


class MarketView:
    """The newest processed quote of each symbol, so that an outage is judged by its own prices.

    Before a symbol's first processed quote it is the previous quote in the tick log (`seed`),
    and the newest stored one only for symbols that the tick log does not have.

    `catalog` has the terms by which the engine's books were made: what is decided at these quotes
    is decided by them, until the books are moved to those of a newer one.
    """

    def __init__(self, catalog: Catalog | None = None) -> None:
        self.catalog = catalog
        self._processed: dict[str, Tick] = {}
        self._previous: dict[str, Quote] = {}
        self._newest = LatestQuotes()

    def seed(self, batches: Iterable[Batch]) -> None:
        """Take the previous quotes from the batches that are about to be processed."""
        for batch in batches:
            for symbol, (bid, ask, received) in batch.previous.items():
                if symbol not in self._previous:
                    quote = Quote(
                        symbol, exact_decimal(bid), exact_decimal(ask), received, received, 0
                    )
                    self._previous[symbol] = quote

    def set_newest(self, newest: LatestQuotes) -> None:
        """Use these newest quotes, which were read in one round trip."""
        self._newest = newest

    def advance(self, tick: Tick) -> None:
        """Take over the next quote of the tick log."""
        self._processed[tick.symbol] = tick

    def get(self, symbol: str) -> Quote | None:
        tick = self._processed.get(symbol)
        if tick is not None:
            return tick.to_quote()
        return self._previous.get(symbol) or self._newest.get(symbol)

    def with_tick(self, tick: Tick) -> Quotes:
        """Return the view with `tick` as its symbol's quote, whether it is the newest or not."""
        return _MarketViewWithQuote(self, tick.to_quote())


class _MarketViewWithQuote(FixedQuotes):
    """A market view in which one symbol has a given quote; each symbol is asked for once."""

    def __init__(self, market_view: MarketView, quote: Quote) -> None:
        super().__init__({quote.symbol: quote})
        self.catalog = market_view.catalog
        self._market_view = market_view
        self._known: dict[str, Quote | None] = {}

    def get(self, symbol: str) -> Quote | None:
        if symbol not in self._known:
            self._known[symbol] = super().get(symbol) or self._market_view.get(symbol)
        return self._known[symbol]
