"""The quotes of the moment that the engine has walked to."""

from collections.abc import Iterable

from core.money import exact
from market.path import Batch, Tick
from market.quotes import FixedQuotes, LatestQuotes, Quote, Quotes


class Moment:
    """The newest walked quote of each symbol, so that an outage is judged by its own prices.

    Before a symbol's first walked quote it is the one before that in the path (`seed`), and the
    newest known one only for symbols that the path does not have.
    """

    def __init__(self) -> None:
        self._walked: dict[str, Tick] = {}
        self._before: dict[str, Quote] = {}
        self._newest = LatestQuotes()

    def seed(self, batches: Iterable[Batch]) -> None:
        """Learn from the path that is about to be walked what was known before it."""
        for batch in batches:
            for symbol, (bid, ask, received) in batch.before.items():
                if symbol not in self._before:
                    quote = Quote(symbol, exact(bid), exact(ask), received, received, 0)
                    self._before[symbol] = quote

    def prepare(self, newest: LatestQuotes) -> None:
        """Take over what was read at once of the newest quotes."""
        self._newest = newest

    def walk(self, tick: Tick) -> None:
        """The next quote of the path."""
        self._walked[tick.symbol] = tick

    def get(self, symbol: str) -> Quote | None:
        tick = self._walked.get(symbol)
        if tick is not None:
            return tick.quote()
        return self._before.get(symbol) or self._newest.get(symbol)

    def at(self, tick: Tick) -> Quotes:
        """This moment with `tick` as its symbol's quote, whether it was walked just now or not."""
        return _With(self, tick.quote())


class _With(FixedQuotes):
    def __init__(self, moment: Moment, quote: Quote) -> None:
        super().__init__({quote.symbol: quote})
        self._moment = moment

    def get(self, symbol: str) -> Quote | None:
        return super().get(symbol) or self._moment.get(symbol)
