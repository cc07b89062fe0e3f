"""The engine of one shard: reads the tick log and book updates, and acts through the services."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from heapq import heappop, heappush
from itertools import takewhile
from math import inf
from typing import Any

from django.db.models import Min

from core import redis
from core.leader import Leadership, LeadershipLost
from market.quotes import tick_log
from market.quotes.tick_log import Batch, Tick
from trading import book_updates
from trading.book_updates import BOOK_STREAM, BookUpdate, OrderUpdate
from trading.engine import engine_checkpoints, order_loading
from trading.engine.availability import UNAVAILABLE_ERRORS, retry_until_available
from trading.engine.executor import KnownOrder, TriggerExecutor
from trading.engine.floating_frames import FloatingFrames
from trading.engine.heartbeat import EngineHeartbeat
from trading.engine.margin_monitor import MarginMonitor
from trading.engine.market_view import MarketView
from trading.engine.triggers.trigger_book import (
    SymbolTrigger,
    TriggerBook,
    TriggerHit,
    TriggerSide,
    find_trigger_hits,
)  # fmt: skip
from trading.models import Trade

log = logging.getLogger(__name__)
BLOCK = 500  # ms to wait for book updates or quotes
FLOATING_BLOCK = 50  # ms, while figures wait to be sent
RECONCILE = 60.0  # seconds between two comparisons of the book with the database (OVERLAP)
UPKEEP = 1.0  # seconds between two heartbeats and writes of the checkpoint


class Engine:
    """The books of the accounts with login mod `shards` = `shard`, and how far they are.

    `batch` is the last processed batch of the tick log, `horizon` the newest one at the load.
    """

    def __init__(self, shard: int = 0, shards: int = 1) -> None:
        self.shard, self.shards = shard, shards
        self.book, self.market_view, self.executor = TriggerBook(), MarketView(), TriggerExecutor()
        self.margin: MarginMonitor
        self.floating: FloatingFrames
        self.heartbeat = EngineHeartbeat(shard, shards)
        self.batch = self.horizon = 0
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
        self.book, self.market_view, self.executor = TriggerBook(), MarketView(), TriggerExecutor()
        newest: Any = redis.sync_client().xrevrange(BOOK_STREAM, count=1)
        self.last_update_id = newest[0][0] if newest else "0"
        self.horizon = tick_log.newest_batch_number()
        self._start = engine_checkpoints.take_over_accounts(
            self.shard, self.shards, self._last_batch_seen_by_all
        )
        self.batch = self._start.after
        self.market_view.seed(tick_log.read_batches_after(self.batch))
        self._load_risk_book()
        for row in order_loading.load_orders(self._live_orders()):
            self._apply_order(self._skip_processed(row))
        self.margin.scan.revalue_all()
        self._reconciled = time.monotonic()

    def _load_risk_book(self) -> None:
        """Load the accounts that have orders, at the prices from before the first batch."""
        self.margin = MarginMonitor()
        self.floating = FloatingFrames(self.margin)
        for price in order_loading.load_prices(self.market_view, self.margin.book.symbols):
            self.margin.scan.set_initial_price(*price)
        for account in order_loading.load_accounts_of_shard(self.shard, self.shards):
            self.margin.book.apply_account(account)

    def step(self) -> None:
        """Process what is new: first the book updates, then the quotes that judge the orders."""
        after = tick_log.entry_id(self.batch)
        streams: Any = {BOOK_STREAM: self.last_update_id, tick_log.TICK_LOG: after}
        block = BLOCK if not self.floating.has_unsent else FLOATING_BLOCK
        arrived: Any = dict(redis.sync_client().xread(streams, count=200, block=block) or [])
        for entry_id, fields in arrived.get(BOOK_STREAM, ()):
            self.apply_update(book_updates.decode_book_update(fields))
            self.last_update_id = entry_id
        for batch in tick_log.decode_entries(arrived.get(tick_log.TICK_LOG, ())):
            self.process_batch(batch)
        self.floating.send()

    def process_batch(self, batch: Batch) -> None:
        """Act on what the batch's quotes reach, each at its own quote and market view."""
        began = time.monotonic()
        self.margin.scan_batch(batch.ticks)
        hits = self.book.find_hits(batch.ticks)
        for tick in batch.ticks:
            self.market_view.advance(tick)
            self.margin.scan.advance(tick)
            self._execute_hits(hits, tick.seq_no, batch.ticks)
            for login in self.margin.due_logins(tick):
                self._check_margin(login, tick)
        self.floating.mark_moved(batch.ticks)
        self.batch = batch.number
        self.heartbeat.record_pass(began)

    def apply_update(self, update: BookUpdate) -> None:
        """Apply one book update: the account's figures, then its orders."""
        if update.account is not None and update.account.login % self.shards == self.shard:
            live = any(row.live for row in update.orders)
            self.margin.apply_account(update.account, wanted=live)
            self.floating.mark_changed(update.account.login)
        orders = update.orders
        if not all(row.volume for row in orders):  # of a release that did not send it
            found = Trade.objects.filter(pk__in=[row.order for row in orders])
            orders = [OrderUpdate.of_trade(trade) for trade in found]
        self.merge_orders(map(self._skip_processed, orders))

    def merge_orders(self, updates: Iterable[OrderUpdate]) -> None:
        """Merge changed orders; check new triggers against processed quotes that they missed."""
        newer = [row for row in updates if self._is_newer(row)]
        triggers = [level for row in newer for level in self.book.new_triggers(row)]
        ticks = self._missed_ticks(triggers)
        self.margin.ensure_loaded(row.login for row in newer if row.live)
        for row in newer:
            self._apply_order(row)
        self._execute_hits(find_trigger_hits(triggers, ticks), self.last_seq_no, ticks)

    def _execute_hits(self, hits: list[TriggerHit], until: int, ticks: list[Tick]) -> None:
        """Execute the hits up to quote `until` in their order, and what the changed orders hit."""
        while hits and hits[0].tick.seq_no <= until:
            try:
                found = self._execute_hit(hits[0], ticks)
            except UNAVAILABLE_ERRORS:  # processed quotes are not compared with the book again
                self.executor.requeue(hit for hit in hits if hit.tick.seq_no <= self.last_seq_no)
                raise
            heappop(hits)
            for hit in found:
                heappush(hits, hit)

    def _execute_hit(self, hit: TriggerHit, ticks: list[Tick]) -> list[TriggerHit]:
        """Execute a hit and put the changed order into the books; return what it hits then."""
        login = self.book.logins.get(hit.order)
        if login < 0:
            self.executor.failed.pop((hit.order, hit.kind), None)
            return []  # the order was ended by an earlier quote
        hit = self.executor.earlier_failure(hit)
        known_order = KnownOrder(login, self.book.revisions.get(hit.order))
        trade = self.executor.execute(hit, known_order, self.market_view.with_tick(hit.tick))
        if trade is None:
            return find_trigger_hits(self._triggers_at_opening(hit, ticks), ticks)
        update = self._update_of(trade)
        is_news = self.book.is_newer(update)
        triggers = self.book.new_triggers(update) if is_news else []
        missed = self._missed_ticks(triggers)  # before the book is changed: this may fail
        found = find_trigger_hits(triggers, [*missed, *ticks])
        self.margin.reload_account(login)
        self._apply_order(update)
        self.margin.mark_changed(login)
        if is_news:  # a trigger that remained in an order changed elsewhere
            remained = self.book.triggers_from_tick(hit, hit.tick)
            found += find_trigger_hits(remained, [hit.tick, *ticks])
        return found

    def _check_margin(self, login: int, tick: Tick) -> None:
        """Have the account's margin checked; what was closed leaves the books."""
        for trade in self.margin.check_account(login, tick, self.market_view.with_tick(tick)):
            self._apply_order(self._update_of(trade))

    def _apply_order(self, update: OrderUpdate) -> None:
        """Apply an order update to both books, the only way into them."""
        if self.book.apply(update):
            self.margin.apply_order(update)
            self.floating.mark_changed(update.login)

    def _triggers_at_opening(self, hit: TriggerHit, ticks: list[Tick]) -> list[SymbolTrigger]:
        """Return the trigger of a deferred hit, if its market opens within these quotes."""
        opening = self.executor.deferred.opening_tick(hit, ticks)
        return self.book.triggers_from_tick(hit, opening) if opening else []

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
            self._execute_hits(hits, self.last_seq_no, self._ticks_since(hits[0].tick.seq_no))

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

    @property
    def last_seq_no(self) -> int:
        """Return the highest sequence number of processed quotes."""
        return tick_log.last_seq_no(self.batch)

    def _is_newer(self, update: OrderUpdate) -> bool:
        return update.login % self.shards == self.shard and self.book.is_newer(update)

    def _update_of(self, trade: Trade) -> OrderUpdate:
        return self._skip_processed(OrderUpdate.of_trade(trade))

    def _skip_processed(self, update: OrderUpdate) -> OrderUpdate:
        """Let only later quotes trigger an order that waits after a refusal, never older ones."""
        if not update.waiting:
            return update
        processed = tick_log.last_seq_no(max(self.batch, self.horizon))
        return replace(update, seen=max(update.seen, processed))

    def _missed_ticks(self, triggers: list[SymbolTrigger]) -> list[Tick]:
        """Return the processed quotes that the triggers missed; an expiry can wait for the next."""
        last_seen = [trigger.seen for _, side, trigger in triggers if side is not TriggerSide.TIME]
        first = min(last_seen, default=self.last_seq_no)
        return self._ticks_since(first) if tick_log.batch_of(first) < self.batch else []

    def _ticks_since(self, seq_no: int) -> list[Tick]:
        """Return the processed quotes from the batch of that sequence number on."""
        batches = tick_log.read_batches_after(tick_log.batch_of(seq_no) - 1)
        processed = takewhile(lambda batch: batch.number <= self.batch, batches)
        return [tick for batch in processed for tick in batch.ticks]

    def _last_batch_seen_by_all(self) -> int:
        """Return the batch up to which every order has seen the quotes."""
        seen: int | None = self._live_orders().aggregate(seen=Min("seen"))["seen"]
        return self.horizon if seen is None else min(self.horizon, tick_log.batch_of(seen))

    def _live_orders(self) -> Any:
        return order_loading.orders_of_shard(self.shard, self.shards)

    def _reconcile_soon(self) -> None:  # as book updates may have been lost
        self._reconciled = -inf
