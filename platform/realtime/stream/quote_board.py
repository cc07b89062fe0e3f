"""The newest quote of every symbol, and the connections that read it."""

import asyncio

from core.redis_keys import PublishedQuote
from realtime.stream import latest_quotes, server_frames
from realtime.stream.database import run_query
from realtime.stream.outbox import Outbox
from realtime.stream.server_frames import Frame


class QuoteBoard:
    """Encodes each quote once and hands it straight to the connections that read it.

    Handing on is a step of its own in the event loop: a process that falls behind reads all
    that Redis has for it and hands on the newest, or it would hand on for ever and never
    come to write.
    """

    def __init__(self) -> None:
        self.ctm = 0  # time of the newest quote, unix seconds
        self._times: dict[str, int] = {}
        self._frames: dict[str, Frame] = {}
        self._names: dict[str, str] = {}  # in upper case → as the symbol is written
        self._readers: dict[str, set[Outbox]] = {}
        self._changed: dict[str, None] = {}  # symbols to be handed on, in order

    def offer(self, quote: PublishedQuote) -> None:
        """Hand the quote on, unless a later one is known or it is the known one."""
        symbol = quote.symbol
        text, known = server_frames.quote_frame(*quote), self._frames.get(symbol)
        if quote.ctm < self._times.get(symbol, 0) or (known is not None and known.text == text):
            return
        self._names[symbol.upper()] = symbol
        self._frames[symbol], self._times[symbol] = Frame(text), quote.ctm
        self.ctm = max(self.ctm, quote.ctm)
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._send_changed)
        self._changed[symbol] = None

    def _send_changed(self) -> None:
        for symbol in self._changed:
            frame = self._frames[symbol]
            for outbox in self._readers.get(symbol, ()):
                outbox.put_newest(symbol, frame)
        self._changed.clear()

    async def resolve_names(self, names: list[str]) -> dict[str, str]:
        """Return name as sent → symbol, for the names that exist in either case."""
        unknown = [
            name.upper()
            for name in names
            if latest_quotes.SYMBOL_NAME.fullmatch(name) and name.upper() not in self._names
        ]
        if unknown:
            for symbol in await run_query(latest_quotes.existing_symbols, unknown):
                self._names[symbol.upper()] = symbol
        return {name: self._names[name.upper()] for name in names if name.upper() in self._names}

    def add_reader(self, outbox: Outbox, symbol: str) -> None:
        """Begin to hand the symbol's quotes to the outbox, the newest known one at once."""
        if symbol in self._changed:  # else the outbox would get this one twice
            self._send_changed()
        self._readers.setdefault(symbol, set()).add(outbox)
        if symbol in self._frames:
            outbox.put_newest(symbol, self._frames[symbol])

    def remove_reader(self, outbox: Outbox, symbol: str) -> None:
        """Hand no more quotes of this symbol to the outbox."""
        readers = self._readers.get(symbol, set())
        readers.discard(outbox)
        if not readers:
            self._readers.pop(symbol, None)
        outbox.discard(symbol)
