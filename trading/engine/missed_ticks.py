"""Processed quotes, read again for triggers that the book did not have when they came."""

from itertools import takewhile

from market.quotes import tick_log
from market.quotes.tick_log import Tick
from trading.engine.triggers.levels import TriggerSide
from trading.engine.triggers.trigger_book import SymbolTrigger


def ticks_since(seq_no: int, processed: int) -> list[Tick]:
    """Return the quotes from the batch of that sequence number on, up to batch `processed`."""
    batches = tick_log.read_batches_after(tick_log.batch_of(seq_no) - 1)
    found = takewhile(lambda batch: batch.number <= processed, batches)
    return [tick for batch in found for tick in batch.ticks]


def missed_ticks(triggers: list[SymbolTrigger], processed: int) -> list[Tick]:
    """Return the processed quotes that the triggers missed; an expiry can wait for the next."""
    last_seen = [trigger.seen for _, side, trigger in triggers if side is not TriggerSide.TIME]
    first = min(last_seen, default=tick_log.last_seq_no(processed))
    return ticks_since(first, processed) if tick_log.batch_of(first) < processed else []
