"""The newest quote of every symbol, and which sockets read it."""

from channels.db import database_sync_to_async

from realtime import latest, wire
from realtime.latest import Quote
from realtime.outbox import Outbox


class Board:
    """Each quote becomes one frame, which is handed straight to the sockets that read it."""

    def __init__(self) -> None:
        self.ctm = 0  # time of the newest quote, unix seconds
        self._times: dict[str, int] = {}
        self._frames: dict[str, str] = {}
        self._names: dict[str, str] = {}  # in upper case → as the symbol is written
        self._readers: dict[str, set[Outbox]] = {}

    def offer(self, quote: Quote) -> None:
        """Hand the quote on, unless a later one is known or it is the known one."""
        symbol = quote.symbol
        frame = wire.quote(*quote)
        if quote.ctm < self._times.get(symbol, 0) or self._frames.get(symbol) == frame:
            return
        self._names[symbol.upper()] = symbol
        self._times[symbol], self._frames[symbol] = quote.ctm, frame
        self.ctm = max(self.ctm, quote.ctm)
        for outbox in self._readers.get(symbol, ()):
            outbox.put_newest(symbol, frame)

    async def resolve(self, names: list[str]) -> dict[str, str]:
        """Name as it was sent → symbol, for the names that exist, in either case."""
        unknown = [
            name.upper()
            for name in names
            if latest.NAME.fullmatch(name) and name.upper() not in self._names
        ]
        if unknown:
            for symbol in await database_sync_to_async(latest.existing)(unknown):
                self._names[symbol.upper()] = symbol
        return {name: self._names[name.upper()] for name in names if name.upper() in self._names}

    def add(self, outbox: Outbox, symbol: str) -> None:
        """Begin to hand the symbol's quotes to the socket, the newest known one at once."""
        self._readers.setdefault(symbol, set()).add(outbox)
        if symbol in self._frames:
            outbox.put_newest(symbol, self._frames[symbol])

    def remove(self, outbox: Outbox, symbol: str) -> None:
        """The socket reads this symbol no more."""
        readers = self._readers.get(symbol, set())
        readers.discard(outbox)
        if not readers:
            self._readers.pop(symbol, None)
        outbox.forget(symbol)
