"""The market view: the newest quotes that the engine has processed."""

from collections.abc import Iterable

from core.money import exact
from market.path import Batch, Tick
from market.quotes import FixedQuotes, LatestQuotes, Quote, Quotes


class Moment:
    """The newest processed quote of each symbol, so that an outage is judged by its own prices.

    Before a symbol's first processed quote it is the previous quote in the tick log (`seed`),
    and the newest stored one only for symbols that the tick log does not have.
    """

    def __init__(self) -> None:
        self._walked: dict[str, Tick] = {}
        self._before: dict[str, Quote] = {}
        self._newest = LatestQuotes()

    def seed(self, batches: Iterable[Batch]) -> None:
        """Take the previous quotes from the batches that are about to be processed."""
        for batch in batches:
            for symbol, (bid, ask, received) in batch.before.items():
                if symbol not in self._before:
                    quote = Quote(symbol, exact(bid), exact(ask), received, received, 0)
                    self._before[symbol] = quote

    def prepare(self, newest: LatestQuotes) -> None:
        """Use these newest quotes, which were read in one round trip."""
        self._newest = newest

    def walk(self, tick: Tick) -> None:
        """Take over the next quote of the tick log."""
        self._walked[tick.symbol] = tick

    def get(self, symbol: str) -> Quote | None:
        tick = self._walked.get(symbol)
        if tick is not None:
            return tick.quote()
        return self._before.get(symbol) or self._newest.get(symbol)

    def at(self, tick: Tick) -> Quotes:
        """Return the view with `tick` as its symbol's quote, whether it is the newest or not."""
        return _With(self, tick.quote())


class _With(FixedQuotes):
    """A market view in which one symbol has a given quote."""

    def __init__(self, moment: Moment, quote: Quote) -> None:
        super().__init__({quote.symbol: quote})
        self._moment = moment

    def get(self, symbol: str) -> Quote | None:
        return super().get(symbol) or self._moment.get(symbol)
