"""The quotes of the moment that the engine has walked to."""

from market.path import Tick
from market.quotes import FixedQuotes, LatestQuotes, Quote, Quotes


class Moment:
    """The newest walked quote of each symbol; before its first one, the newest that is known."""

    def __init__(self) -> None:
        self._walked: dict[str, Tick] = {}
        self._older = LatestQuotes()

    def walk(self, tick: Tick) -> None:
        """The next quote of the path."""
        self._walked[tick.symbol] = tick

    def get(self, symbol: str) -> Quote | None:
        tick = self._walked.get(symbol)
        return tick.quote() if tick else self._older.get(symbol)

    def at(self, tick: Tick) -> Quotes:
        """This moment with `tick` as its symbol's quote, whether it was walked just now or not."""
        return _With(self, tick.quote())


class _With(FixedQuotes):
    def __init__(self, moment: Moment, quote: Quote) -> None:
        super().__init__({quote.symbol: quote})
        self._moment = moment

    def get(self, symbol: str) -> Quote | None:
        return super().get(symbol) or self._moment.get(symbol)
