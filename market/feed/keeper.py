"""The feed's thread for PostgreSQL: a slow or unavailable database must not delay quotes."""

import logging
import threading

from django.db import Error, connection

from core.leader import Leadership, LeadershipLost
from market.feed import storage
from market.feed.candles import Bar, Key
from market.feed.gaps import hours_of
from market.feed.outage import LONGEST_DELAY, Outage
from market.hours import Hours
from market.models import Symbol
from market.path import Tick

INTERVAL = 1.0  # seconds between two transactions
SYMBOLS_EVERY = 5  # rounds between two reads of the symbols
LAST_WORDS = 1.5  # seconds that the last transaction may take
# The symbols, when they trade, and the last prices of those that have no quote.
Listed = tuple[list[Symbol], dict[str, Hours], dict[str, float]]
log = logging.getLogger(__name__)


class Keeper:
    """Stores candles and newest quotes, holds the leadership, reads changed symbols."""

    def __init__(self, leadership: Leadership) -> None:
        self._leadership = leadership
        self._outage = Outage("storing candles")
        self._lock = threading.Lock()
        self._bars: dict[Key, Bar] = {}
        self._quotes: dict[str, Tick] = {}
        self._place = 0
        self._symbols: Listed | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Store what is left and end the thread; log what could not be stored."""
        self._stop.set()
        self._thread.join(LAST_WORDS)
        if self._bars or self._thread.is_alive():
            log.warning("the last candles were not stored; the path holds their quotes")

    def offer(self, bars: dict[Key, Bar], quotes: dict[str, Tick], place: int) -> None:
        """Queue for storing all that was published since the last call, up to `last_batch`."""
        with self._lock:
            self._place = place
            self._bars.update(bars)
            self._quotes.update(quotes)

    def take_symbols(self) -> Listed | None:
        """Return symbols, hours and prices if they were read since the last call, else None."""
        symbols, self._symbols = self._symbols, None
        return symbols

    def _run(self) -> None:
        """Repeat the rounds until `stop`, then save once more."""
        try:
            rounds, delay = 0, INTERVAL
            while not self._stop.wait(delay):
                rounds += 1
                delay = self._round(look=rounds % SYMBOLS_EVERY == 0)
            self._round(look=False)
        finally:
            connection.close()

    def _round(self, *, look: bool) -> float:
        """Do one round of duties; return the seconds to wait for the next."""
        try:
            self._lead()
            if self._leadership.held:
                self._save()
            if look:
                symbols = list(Symbol.objects.all())
                self._symbols = symbols, hours_of(symbols), storage.unquoted_prices()
        except Error as error:
            connection.close()
            return max(INTERVAL, self._outage.failed(error))
        except Exception:  # a thread that ended would leave the feed without candles and lock
            log.exception("storing candles failed; trying again")
            return LONGEST_DELAY
        self._outage.over()
        return INTERVAL

    def _lead(self) -> None:
        """Win the lock again where its connection died.

        Another feed may be faster: it then takes over in Redis, which the publisher
        notices.
        """
        try:
            self._leadership.check()
        except LeadershipLost:
            self._leadership.attempt()

    def _save(self) -> None:
        """Store what was offered; after an error put it back for the next round."""
        with self._lock:
            bars, self._bars = self._bars, {}
            quotes, self._quotes = self._quotes, {}
            place = self._place if bars else 0
        try:
            storage.save(bars.values(), quotes.values(), place)
        except Exception:
            with self._lock:
                self._bars = {**bars, **self._bars}
                self._quotes = {**quotes, **self._quotes}
            raise
