"""Recovery: where a feed goes on when it starts, however the one before it ended."""

from dataclasses import dataclass
from operator import itemgetter

from core.clock import now_ms
from core.sections import load_contributions
from market import path
from market.feed import old, storage
from market.feed.candles import CandleBuilder
from market.feed.gaps import hours_of
from market.feed.intake import Intake, OldQuote
from market.feed.publisher import Publisher
from market.models import Symbol
from market.quotes import BATCH_SIZE


@dataclass(frozen=True, slots=True)
class Start:
    """Symbols, intake and publisher, ready to go on from what is stored."""

    symbols: list[Symbol]
    intake: Intake
    publisher: Publisher


def catch_up() -> None:
    """Store what the tick log holds beyond the stored quotes, left over by a killed feed."""
    place = storage.place()
    late, batches = dict(old.after(place)), {batch.number: batch for batch in path.after(place)}
    quotes: list[OldQuote] = []
    for place in sorted(late.keys() | batches.keys()):
        ticks = batches[place].ticks if place in batches else ()
        together = [(tick.symbol, tick.bid, tick.time) for tick in ticks] + late.get(place, [])
        quotes += sorted(together, key=itemgetter(2))  # as they came: no time goes back
    candles = CandleBuilder(storage.stored_bars({time for _, _, time in quotes}))
    for quote in quotes:
        candles.add(*quote)
    newest = {tick.symbol: tick for batch in batches.values() for tick in batch.ticks}
    storage.save(candles.changed().values(), newest.values(), place)


def _seen() -> int:
    """Return the highest sequence number that any section's rows know.

    Redis may have come back without the tick log, or the database from a backup of another
    machine, whose clock was ahead of ours.
    """
    return max((highest() for highest in load_contributions("checkpoints")), default=0)


def start(*, resume: bool) -> Start:
    """Return everything a feed needs; with `resume` it continues stored quotes and candles.

    A replay does not resume: the times of another source must not bar its quotes, nor may
    their age. The last known prices hold for both: a first quote that jumps from them must
    be confirmed.

    Raises:
        RedisError, django.db.Error: a server is unavailable; try again.
    """
    publisher = Publisher()
    publisher.claim()
    catch_up()
    quotes = storage.last_quotes()
    publisher.follow(quotes, max(_seen(), storage.place() * BATCH_SIZE))
    symbols = list(Symbol.objects.all())
    hours = hours_of(symbols)
    prices = storage.unquoted_prices()
    if not resume:
        prices |= {symbol: (quote.bid + quote.ask) / 2 for symbol, quote in quotes.items()}
        intake = Intake(symbols, hours=hours, prices=prices, recorded=True)
        return Start(symbols, intake, publisher)
    moments = {quote.time for quote in quotes.values()} | storage.newest_times() | {now_ms()}
    candles = CandleBuilder(storage.stored_bars(moments))
    known = {symbol: quote[:5] for symbol, quote in quotes.items()}
    intake = Intake(symbols, known, candles, hours, prices)
    intake.resume_after(old.times())
    return Start(symbols, intake, publisher)
