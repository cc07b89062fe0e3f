"""The feed's thread for PostgreSQL: a slow or unavailable database must not delay quotes."""

import logging
import threading

from django.db import Error, connection

from core.leader import Leadership, LeadershipLost
from market.feed import storage
from market.feed.backoff import LONGEST_DELAY, Backoff
from market.feed.candles import CandleBar, CandleKey
from market.feed.gaps import read_trading_hours
from market.hours import Hours
from market.models import Symbol
from market.quotes.tick_log import Tick

SAVE_INTERVAL = 1.0  # seconds between two transactions
SYMBOLS_EVERY = 5  # rounds between two reads of the symbols
LAST_SAVE_TIMEOUT = 1.5  # seconds that the last transaction may take
# The symbols, when they trade, and the last prices of those that have no quote.
SymbolsUpdate = tuple[list[Symbol], dict[str, Hours], dict[str, float]]
log = logging.getLogger(__name__)


class Persister:
    """Stores candles and newest quotes, holds the leadership, reads changed symbols."""

    def __init__(self, leadership: Leadership) -> None:
        self._leadership = leadership
        self._backoff = Backoff("storing candles")
        self._lock = threading.Lock()
        self._bars: dict[CandleKey, CandleBar] = {}
        self._quotes: dict[str, Tick] = {}
        self._last_batch = 0
        self._symbols: SymbolsUpdate | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Store what is left and end the thread; log what could not be stored."""
        self._stop.set()
        self._thread.join(LAST_SAVE_TIMEOUT)
        if self._bars or self._thread.is_alive():
            log.warning("the last candles were not stored; the tick log has their quotes")

    def offer(
        self, bars: dict[CandleKey, CandleBar], quotes: dict[str, Tick], last_batch: int
    ) -> None:
        """Queue for storing all that was published since the last call, up to `last_batch`."""
        with self._lock:
            self._last_batch = last_batch
            self._bars.update(bars)
            self._quotes.update(quotes)

    def take_symbols(self) -> SymbolsUpdate | None:
        """Return symbols, hours and prices if they were read since the last call, else None."""
        symbols, self._symbols = self._symbols, None
        return symbols

    def _run(self) -> None:
        """Repeat the rounds until `stop`, then save once more."""
        try:
            rounds, delay = 0, SAVE_INTERVAL
            while not self._stop.wait(delay):
                rounds += 1
                delay = self._run_round(read_symbols=rounds % SYMBOLS_EVERY == 0)
            self._run_round(read_symbols=False)
        finally:
            connection.close()

    def _run_round(self, *, read_symbols: bool) -> float:
        """Do one round of duties; return the seconds to wait for the next."""
        try:
            self._hold_leadership()
            if self._leadership.is_held:
                self._save()
            if read_symbols:
                symbols = list(Symbol.objects.all())
                self._symbols = symbols, read_trading_hours(symbols), storage.read_unquoted_prices()
        except Error as error:
            connection.close()
            return max(SAVE_INTERVAL, self._backoff.note_failure(error))
        except Exception:  # a thread that ended would leave the feed without candles and lock
            log.exception("storing candles failed; trying again")
            return LONGEST_DELAY
        self._backoff.note_success()
        return SAVE_INTERVAL

    def _hold_leadership(self) -> None:
        """Win the lock again where its connection died.

        Another feed may be faster: it then takes over in Redis, which the publisher
        notices.
        """
        try:
            self._leadership.check()
        except LeadershipLost:
            self._leadership.try_acquire()

    def _save(self) -> None:
        """Store what was offered; after an error put it back for the next round."""
        with self._lock:
            bars, self._bars = self._bars, {}
            quotes, self._quotes = self._quotes, {}
            last_batch = self._last_batch if bars else 0
        try:
            storage.save_candles_and_quotes(bars.values(), quotes.values(), last_batch)
        except Exception:
            with self._lock:
                self._bars = {**bars, **self._bars}
                self._quotes = {**quotes, **self._quotes}
            raise
