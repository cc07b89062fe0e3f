"""A small feed that publishes batches and newest quotes as the real one does."""

from core import redis
from market.quotes.quote import BATCH_SIZE
from market.quotes.shared_quotes import queue_newest_quotes
from market.quotes.tick_log import TICK_LOG, Batch, PreviousQuote, Tick, entry_id

START = 1_700_000_000_000  # unix ms of the first quote
SPREAD = 0.0002


class Feed:
    """Publishes quotes a second apart unless times are given."""

    def __init__(self, batch: int = 7) -> None:
        self.batch, self.time = batch, START
        self.before: dict[str, PreviousQuote] = {}

    def publish(self, *bids: float, symbol: str = "EURUSD", **when: int) -> Batch:
        """Publish one batch with these bids in their order; the asks are SPREAD above."""
        quotes = []
        for bid in bids:
            self.time += 1000
            time = when.get("time", self.time)
            quotes.append((symbol, bid, round(bid + SPREAD, 8), time, when.get("received", time)))
        return self.publish_batch(quotes)

    def publish_batch(self, quotes: list[tuple[str, float, float, int, int]]) -> Batch:
        """Publish one batch of (symbol, bid, ask, time, received)."""
        self.batch += 1
        first = self.batch * BATCH_SIZE
        ticks = [Tick(*quote, first + i) for i, quote in enumerate(quotes)]
        moved = {tick.symbol for tick in ticks}
        before = {symbol: self.before[symbol] for symbol in moved if symbol in self.before}
        batch = Batch(self.batch, ticks, before)
        pipeline = redis.sync_client().pipeline()
        for tick in ticks:
            self.before[tick.symbol] = PreviousQuote(tick.bid, tick.ask, tick.received)
        queue_newest_quotes(pipeline, {tick.symbol: tick[1:] for tick in ticks})
        pipeline.xadd(TICK_LOG, {"b": batch.encode()}, id=entry_id(self.batch))
        pipeline.execute()
        return batch
