"""The newest quote of every symbol, and the connections that read it, by how they see it."""

import asyncio

from core.redis_keys import PublishedQuote
from realtime.stream import latest_quotes, server_frames
from realtime.stream.database import run_query
from realtime.stream.outbox import Outbox
from realtime.stream.price_views import PriceView
from realtime.stream.server_frames import Frame


class QuoteBoard:
    """Encodes each quote once for each view in use, and hands it to the connections that read it.

    Connections of one view get the same frame; in a connection's outbox a symbol has one frame,
    of whatever view.

    Handing on is a step of its own in the event loop: a process that falls behind reads all
    that Redis has for it and hands on the newest, or it would hand on for ever and never
    come to write.
    """

    def __init__(self) -> None:
        self.ctm = 0  # time of the newest quote, unix seconds
        self._quotes: dict[str, PublishedQuote] = {}  # the market's
        self._frames: dict[str, dict[PriceView | None, Frame]] = {}  # of these, once they are read
        self._names: dict[str, str] = {}  # in upper case → as the symbol is written
        self._readers: dict[str, dict[PriceView | None, set[Outbox]]] = {}
        self._changed: dict[str, None] = {}  # symbols to be handed on, in order

    def offer(self, quote: PublishedQuote) -> None:
        """Hand the quote on, unless a later one is known or it is the known one."""
        symbol, known = quote.symbol, self._quotes.get(quote.symbol)
        if known is not None and (quote.ctm < known.ctm or quote == known):
            return
        self._names[symbol.upper()] = symbol
        self._quotes[symbol], self._frames[symbol] = quote, {}
        self.ctm = max(self.ctm, quote.ctm)
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._send_changed)
        self._changed[symbol] = None

    def _send_changed(self) -> None:
        for symbol in self._changed:
            for view, readers in self._readers.get(symbol, {}).items():
                frame = self._frame(symbol, view)
                for outbox in readers:
                    outbox.put_newest(symbol, frame)
        self._changed.clear()

    def _frame(self, symbol: str, view: PriceView | None) -> Frame:
        """Return the newest quote as the view shows it, encoded when it is first asked for."""
        frames = self._frames[symbol]
        frame = frames.get(view)
        if frame is None:
            _, bid, ask, ctm = self._quotes[symbol]
            if view is not None:
                bid, ask = view.apply(bid, ask)
            frames[view] = frame = Frame(server_frames.quote_frame(symbol, bid, ask, ctm))
        return frame

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

    def add_reader(self, outbox: Outbox, symbol: str, view: PriceView | None = None) -> None:
        """Begin to hand the symbol's quotes to the outbox, the newest known one at once."""
        if symbol in self._changed:  # else the outbox would get this one twice
            self._send_changed()
        self._readers.setdefault(symbol, {}).setdefault(view, set()).add(outbox)
        if symbol in self._quotes:
            outbox.put_newest(symbol, self._frame(symbol, view))

    def remove_reader(self, outbox: Outbox, symbol: str, view: PriceView | None = None) -> None:
        """Hand no more quotes of this symbol to the outbox, which sees it by the view."""
        by_view = self._readers.get(symbol, {})
        readers = by_view.get(view, set())
        readers.discard(outbox)
        if not readers:
            by_view.pop(view, None)
        if not by_view:
            self._readers.pop(symbol, None)
        outbox.discard(symbol)
