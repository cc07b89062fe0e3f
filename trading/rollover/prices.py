"""The quotes that a night is charged with."""

from core.clock import MINUTE_S
from market.enums import Resolution
from market.models import Candle
from market.quotes.quote import LatestQuotes, Quote, Quotes

# Seconds after the moment; later the newest quotes are not the night's any more.
ON_TIME_LIMIT = 300


def quotes_of_night(moment: int, at: int) -> Quotes:
    """Return the newest quotes when the night is charged on time, else those of its moment."""
    return LatestQuotes() if at - moment <= ON_TIME_LIMIT else PastQuotes(moment)


class PastQuotes:
    """Quotes of a moment (unix seconds) from candles: the last bid before it.

    Candles have no ask: the spread is the newest quote's. Without a candle it is that quote
    itself, whose time shows it in the evidence; never quoted means no price.
    """

    def __init__(self, moment: int) -> None:
        self.moment = moment
        self._newest = LatestQuotes()
        self._cache: dict[str, Quote | None] = {}

    def get(self, symbol: str) -> Quote | None:
        if symbol not in self._cache:
            self._cache[symbol] = self._read(symbol)
        return self._cache[symbol]

    def _read(self, symbol: str) -> Quote | None:
        newest = self._newest.get(symbol)
        if newest is None:
            return None
        spread = newest.ask - newest.bid
        for resolution in (Resolution.MINUTE, Resolution.HOUR, Resolution.DAY):
            length = resolution * MINUTE_S
            until = self.moment - length  # it must have ended at the moment
            found = Candle.objects.newest([symbol], resolution, 1, until=until).get(symbol)
            if found:
                bid, time = found[0].close, (found[0].time + length) * 1000
                return Quote(symbol, bid, bid + spread, time, time, 0)
        return newest
