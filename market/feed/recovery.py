"""Recovery: where a feed goes on when it starts, however the one before it ended."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from core.clock import now_ms
from core.sections import load_contributions
from market.feed import late_quotes, storage
from market.feed.candles import CandleBar, CandleBuilder
from market.feed.gaps import read_trading_hours
from market.feed.intake import Intake, OldQuote
from market.feed.publisher import Publisher
from market.hours import Hours
from market.models import Symbol
from market.quotes import tick_log
from market.quotes.quote import BATCH_SIZE

MakeHistory = Callable[[Iterable[Symbol], Mapping[str, Hours]], Iterable[CandleBar]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeedStart:
    """Symbols, intake and publisher, ready to go on from what is stored."""

    symbols: list[Symbol]
    intake: Intake
    publisher: Publisher


def catch_up() -> None:
    """Store what the tick log holds beyond the stored quotes, left over by a killed feed."""
    batch_number = storage.read_checkpoint()
    old_quotes, batches = (
        dict(late_quotes.read_old_quotes_after(batch_number)),
        {batch.number: batch for batch in tick_log.read_batches_after(batch_number)},
    )
    quotes: list[OldQuote] = []
    for batch_number in sorted(old_quotes.keys() | batches.keys()):
        ticks = batches[batch_number].ticks if batch_number in batches else ()
        together = [(tick.symbol, tick.bid, tick.time) for tick in ticks] + old_quotes.get(
            batch_number, []
        )
        quotes += sorted(together, key=itemgetter(2))  # as they came: no time goes back
    candles = CandleBuilder(storage.read_stored_bars({time for _, _, time in quotes}))
    for quote in quotes:
        candles.add(*quote)
    newest = {tick.symbol: tick for batch in batches.values() for tick in batch.ticks}
    storage.save_candles_and_quotes(candles.take_changed().values(), newest.values(), batch_number)


def _highest_known_seq_no() -> int:
    """Return the highest sequence number that any section's rows know.

    Redis may have come back without the tick log, or the database from a backup of another
    machine, whose clock was ahead of ours.
    """
    return max((highest() for highest in load_contributions("checkpoints")), default=0)


def store_history(
    symbols: list[Symbol], hours: Mapping[str, Hours], make_history: MakeHistory
) -> None:
    """Store the past of the symbols that have none."""
    began = time.monotonic()
    without_past = storage.select_without_past(symbols)
    stored = storage.copy_candles(make_history(without_past, hours)) if without_past else 0
    if stored:
        seconds = time.monotonic() - began
        log.info("feed: stored %d candles of the time before, in %.1f s", stored, seconds)


def prepare_start(*, resume: bool, make_history: MakeHistory | None = None) -> FeedStart:
    """Return everything a feed needs; with `resume` it continues stored quotes and candles.

    `make_history` makes candles for symbols that have neither candles nor a quote.

    A replay does not resume: the times of another source must not bar its quotes, nor may
    their age. The last known prices hold for both: a first quote that jumps from them must
    be confirmed.

    Raises:
        RedisError, django.db.Error: a server is unavailable; try again.
    """
    publisher = Publisher()
    publisher.claim_publishing()
    catch_up()
    quotes = storage.read_last_quotes()
    publisher.continue_after(
        quotes, max(_highest_known_seq_no(), storage.read_checkpoint() * BATCH_SIZE)
    )
    symbols = list(Symbol.objects.all())
    hours = read_trading_hours(symbols)
    if make_history is not None:
        store_history(symbols, hours, make_history)
    prices = storage.read_unquoted_prices()
    if not resume:
        prices |= {symbol: (quote.bid + quote.ask) / 2 for symbol, quote in quotes.items()}
        intake = Intake(symbols, hours=hours, prices=prices, recorded=True)
        return FeedStart(symbols, intake, publisher)
    moments = {quote.time for quote in quotes.values()} | storage.read_newest_times() | {now_ms()}
    candles = CandleBuilder(storage.read_stored_bars(moments))
    known = {symbol: quote[:5] for symbol, quote in quotes.items()}
    intake = Intake(symbols, known, candles, hours, prices)
    intake.resume_after(late_quotes.read_old_quote_times())
    return FeedStart(symbols, intake, publisher)
