"""The engine of one shard: reads the tick log and book updates, and acts through the services."""

import logging
import threading
import time
from itertools import islice
from math import inf
from typing import Any

from django.db.models import Min

from core import redis
from core.leader import Leadership, LeadershipLost
from market.quotes import tick_log
from market.quotes.tick_log import Batch
from trading import book_updates
from trading.book_updates import BOOK_STREAM
from trading.engine import engine_checkpoints, order_loading
from trading.engine.availability import retry_until_available
from trading.engine.engine_books import EngineBooks
from trading.engine.executor import TriggerExecutor
from trading.engine.floating_frames import FloatingFrames
from trading.engine.heartbeat import EngineHeartbeat
from trading.engine.hit_queue import HitQueue
from trading.engine.margin_monitor import MarginMonitor
from trading.engine.market_view import MarketView
from trading.engine.missed_ticks import ticks_since
from trading.engine.triggers.account_prices import AccountPrices
from trading.engine.triggers.trigger_book import TriggerBook
from trading.models import Trade

log = logging.getLogger(__name__)
BLOCK = 500  # ms to wait for book updates or quotes
FLOATING_BLOCK = 50  # ms, while figures wait to be sent
RECONCILE = 60.0  # seconds between two comparisons of the book with the database (OVERLAP)
ROWS_PER_LOAD = 5000  # orders that are loaded at a time
UPKEEP = 1.0  # seconds between two heartbeats and writes of the checkpoint


class Engine(EngineBooks):
    """The process of one shard: it leads or stands by, and takes in what is new."""

    def __init__(self, shard: int = 0, shards: int = 1) -> None:
        super().__init__(shard, shards)
        self.heartbeat = EngineHeartbeat(shard, shards)
        self._start = engine_checkpoints.StartPoint(0, 0)
        self.last_update_id = "0"
        self._upkeep = self._reconciled = 0.0

    def run(self, stop: threading.Event) -> None:
        """Lead whenever the lock can be had, until `stop` is set; otherwise stand by."""
        leader = Leadership(f"engine-{self.shard}")
        try:
            while not stop.is_set():
                if leader.acquire(stop, meanwhile=self.heartbeat.report_standby):
                    self.lead(stop, leader)
        finally:
            leader.close()

    def lead(self, stop: threading.Event, leader: Leadership) -> None:
        """Load the book and process the tick log until `stop` is set or the lead is lost."""
        retry_until_available(stop, self.load, self._reconcile_soon)
        log.info("processing from batch %s with %s orders", self.batch, len(self.book.logins))
        try:
            while not stop.is_set():
                retry_until_available(stop, self.step, self._reconcile_soon)
                retry_until_available(stop, lambda: self.do_upkeep(leader), self._reconcile_soon)
            self.save_checkpoint()
        except LeadershipLost as error:
            log.warning("stepping down: %s", error)

    def load(self) -> None:
        """Load the book from the database, and determine where processing begins.

        That is a minute before the oldest checkpoint of these accounts, so that orders whose
        updates were lost miss nothing. None triggers twice: each has its last sequence number.
        """
        self.market_view, self.executor = MarketView(), TriggerExecutor()
        newest = redis.text_client().xrevrange(BOOK_STREAM, count=1)
        self.last_update_id = newest[0][0] if newest else "0"
        self.own_updates.clear()
        self.horizon = tick_log.newest_batch_number()
        self._start = engine_checkpoints.take_over_accounts(
            self.shard, self.shards, self._last_batch_seen_by_all
        )
        self.batch = self._start.after
        self.market_view.seed(tick_log.read_batches_after(self.batch))
        self._load_risk_book()
        orders = order_loading.load_orders(self._live_orders())
        while rows := list(islice(orders, ROWS_PER_LOAD)):
            self.apply_loaded([self._skip_processed(row) for row in rows])
        self.margin.scan.revalue_all()
        self._reconciled = time.monotonic()

    def _load_risk_book(self) -> None:
        """Load the accounts that have orders, at the prices from before the first batch."""
        self.margin = MarginMonitor()
        self.market_view.catalog = self.margin.book.catalog
        self.book = TriggerBook(AccountPrices(self.margin.book.accounts, self.margin.book.catalog))
        self.floating = FloatingFrames(self.margin)
        for price in order_loading.load_prices(self.market_view, self.margin.book.symbols):
            self.margin.scan.set_initial_price(*price)
        for account in order_loading.load_accounts_of_shard(self.shard, self.shards):
            self.margin.book.apply_account(account)

    def step(self) -> None:
        """Process what is new: first the book updates, then the quotes that judge the orders."""
        after = tick_log.entry_id(self.batch)
        streams = {BOOK_STREAM: self.last_update_id, tick_log.TICK_LOG: after}
        block = BLOCK if not self.floating.has_unsent else FLOATING_BLOCK
        arrived = dict(redis.text_client().xread(streams, count=200, block=block) or [])
        for entry_id, fields in arrived.get(BOOK_STREAM, ()):
            if entry_id not in self.own_updates:
                self.apply_update(book_updates.decode_book_update(fields))
            self.own_updates.discard(entry_id)
            self.last_update_id = entry_id
        for batch in tick_log.decode_entries(arrived.get(tick_log.TICK_LOG, ())):
            self.process_batch(batch)
        self.floating.send()

    def process_batch(self, batch: Batch) -> None:
        """Act on what the batch's quotes reach, each at its own quote and market view."""
        began = time.monotonic()
        self.follow_settings()
        self.margin.scan_batch(batch.ticks)
        queue = HitQueue(self.book.find_hits(batch.ticks), batch.ticks)
        for tick in batch.ticks:
            self.market_view.advance(tick)
            self.margin.scan.advance(tick)
            self._execute_hits(queue, tick.seq_no)
            due = self.margin.due_logins(tick)
            if due:
                self._check_margins(due, tick, queue)
        self.floating.mark_moved(batch.ticks)
        self.batch = batch.number
        self.heartbeat.record_pass(began)

    def reconcile(self) -> None:
        """Compare the book with the live orders of the database and repair what differs."""
        live: dict[int, int] = dict(self._live_orders().values_list("order", "revision"))
        known = self.book.revisions
        differ = [order for order, revision in live.items() if known.get(order, 0) < revision]
        differ += [order for order in known if order not in live]
        if differ:
            log.warning("the book missed %s orders: %s", len(differ), differ[:10])
            self.merge_orders(map(self._update_of, Trade.objects.filter(pk__in=differ)))
        self.book.ended.clear()
        self.margin.reconcile(order_loading.load_accounts_of_shard(self.shard, self.shards))
        self._reconciled = time.monotonic()

    def do_upkeep(self, leader: Leadership) -> None:
        """Once a second check leadership, report, retry and save; each minute reconcile."""
        if time.monotonic() - self._upkeep < UPKEEP:
            return
        leader.check()
        redis.mark_alive("engine")
        self.retry_failed()
        self.margin.refresh_settings()
        self.follow_settings()
        self.floating.refresh_connected()
        self.save_checkpoint()
        self.heartbeat.send(self.margin, self.executor, self.batch, len(self.book.logins))
        if time.monotonic() - self._reconciled > RECONCILE:
            self.reconcile()
        self._upkeep = time.monotonic()

    def retry_failed(self) -> None:
        """Retry what failed, and check the changed orders against the quotes processed since."""
        hits = sorted(self.executor.failed.values())
        if hits:
            queue = HitQueue(hits, ticks_since(hits[0].tick.seq_no, self.batch))
            self._execute_hits(queue, self.last_seq_no)

    def save_checkpoint(self) -> None:
        """Store how far the tick log has been processed and everything in it executed.

        What is processed again after a start is no step back.
        """
        failed = self.executor.failed.values()
        if self.batch:
            processed = max(self.batch, self._start.checkpoint)
            before_failed = (tick_log.batch_of(hit.tick.seq_no) - 1 for hit in failed)
            batch = min([processed, *before_failed])
            engine_checkpoints.save_checkpoint(self.shard, self.shards, batch)

    def _last_batch_seen_by_all(self) -> int:
        """Return the batch up to which every order has seen the quotes."""
        seen: int | None = self._live_orders().aggregate(seen=Min("seen"))["seen"]
        return self.horizon if seen is None else min(self.horizon, tick_log.batch_of(seen))

    def _live_orders(self) -> Any:
        return order_loading.orders_of_shard(self.shard, self.shards)

    def _reconcile_soon(self) -> None:  # as book updates may have been lost
        self._reconciled = -inf
