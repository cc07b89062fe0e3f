"""The engine of one shard: reads the tick log and book updates, and acts through the services."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heappop, heappush
from itertools import takewhile
from math import inf
from typing import Any

from django.db import connection
from django.db.models import Min

from core import redis
from core.leader import Leadership, LeadershipLost
from market import path
from market.path import Batch, Tick
from trading import book_updates
from trading.book_updates import NEWS, News, Row
from trading.engine import loading, places
from trading.engine.actions import AWAY, Actions, Known
from trading.engine.book import Book, Hit, Level, Look, level_hits
from trading.engine.floating import Floating
from trading.engine.moment import Moment
from trading.engine.report import Report
from trading.engine.watch import MarginWatch
from trading.models import Trade

log = logging.getLogger(__name__)
BLOCK = 500  # ms to wait for book updates or quotes
FLOATING_BLOCK = 50  # ms, while figures wait to be sent
RECONCILE = 60.0  # seconds between two comparisons of the book with the database (OVERLAP)
UPKEEP = 1.0  # seconds between two heartbeats and writes of the checkpoint
BACK_OFF = 1.0  # seconds to wait when PostgreSQL or Redis is unavailable


class Engine:
    """The books of the accounts with login mod `shards` = `shard`, and how far they are.

    `batch` is the last processed batch of the tick log, `horizon` the newest one at the load.
    """

    def __init__(self, shard: int = 0, shards: int = 1) -> None:
        self.shard, self.shards = shard, shards
        self.book, self.moment, self.actions = Book(), Moment(), Actions()
        self.margin: MarginWatch
        self.floating: Floating
        self.report = Report(shard, shards)
        self.batch = self.horizon = 0
        self._begin = places.Begin(0, 0)
        self.news_id = "0"
        self._upkeep = self._reconciled = 0.0

    def run(self, stop: threading.Event) -> None:
        """Lead whenever the lock can be had, until `stop` is set; otherwise stand by."""
        leader = Leadership(f"engine-{self.shard}")
        try:
            while not stop.is_set():
                if leader.acquire(stop, meanwhile=self.report.standing_by):
                    self.lead(stop, leader)
        finally:
            leader.close()

    def lead(self, stop: threading.Event, leader: Leadership) -> None:
        """Load the book and process the tick log until `stop` is set or the lead is lost."""
        self._patiently(stop, self.load)
        log.info("walking from batch %s with %s orders", self.batch, len(self.book.logins))
        try:
            while not stop.is_set():
                self._patiently(stop, self.step)
                self._patiently(stop, lambda: self.keep_up(leader))
            self.save_place()
        except LeadershipLost as error:
            log.warning("stepping down: %s", error)

    def load(self) -> None:
        """Load the book from the database, and determine where processing begins.

        That is a minute before the oldest checkpoint of these accounts: one pass also covers what
        orders whose updates were lost have missed. Nothing triggers twice: an order has its last
        sequence number.
        """
        self.book, self.moment, self.actions = Book(), Moment(), Actions()
        newest: Any = redis.client().xrevrange(NEWS, count=1)
        self.news_id = newest[0][0] if newest else "0"
        self.horizon = path.newest()
        self._begin = places.take_over(self.shard, self.shards, self._first)
        self.batch = self._begin.after
        self.moment.seed(path.after(self.batch))
        self._load_risk()
        for row in loading.orders(self._trades()):
            self._put(self._current(row))
        self.margin.look.anew()
        self._reconciled = time.monotonic()

    def _load_risk(self) -> None:
        """Load the accounts that have orders, at the prices from before the first batch."""
        self.margin = MarginWatch()
        self.floating = Floating(self.margin)
        for price in loading.prices(self.moment, self.margin.book.symbols):
            self.margin.look.begin(*price)
        for account in loading.accounts_of_shard(self.shard, self.shards):
            self.margin.book.tell(account)

    def step(self) -> None:
        """Process what is new: first the book updates, then the quotes that judge the orders."""
        streams: Any = {NEWS: self.news_id, path.PATH: path.entry_id(self.batch)}
        block = BLOCK if not self.floating.waits else FLOATING_BLOCK
        answer: Any = redis.client().xread(streams, count=200, block=block)
        arrived: dict[str, Any] = dict(answer or [])
        for entry_id, fields in arrived.get(NEWS, ()):
            self.hear(book_updates.decoded(fields))
            self.news_id = entry_id
        for batch in path.decoded(arrived.get(path.PATH, ())):
            self.walk(batch)
        self.floating.send()

    def walk(self, batch: Batch) -> None:
        """Act on what the batch's quotes reach, each at its own quote and market view."""
        began = time.monotonic()
        self.margin.over(batch.ticks)
        hits = self.book.hits(batch.ticks)
        for tick in batch.ticks:
            self.moment.walk(tick)
            self.margin.look.walk(tick)
            self._carry_out(hits, tick.number, batch.ticks)
            for login in self.margin.due(tick):
                self._ask(login, tick)
        self.floating.moved(batch.ticks)
        self.batch = batch.number
        self.report.walked(began)

    def hear(self, told: News) -> None:
        """Apply one book update: the account's figures, then its orders."""
        if told.account is not None and told.account.login % self.shards == self.shard:
            live = any(row.live for row in told.rows)
            self.margin.hear(told.account, wanted=live)
            self.floating.changed(told.account.login)
        rows = told.rows
        if not all(row.volume for row in rows):  # of a release that did not send it
            found = Trade.objects.filter(pk__in=[row.order for row in rows])
            rows = [Row.of(trade) for trade in found]
        self.learn(map(self._current, rows))

    def learn(self, rows: Iterable[Row]) -> None:
        """Merge changed orders; check new triggers against processed quotes that they missed."""
        news_rows = [row for row in rows if self._is_mine(row) and self.book.is_news(row)]
        levels = [level for row in news_rows for level in self.book.fresh(row)]
        ticks = self._missed(levels)
        self.margin.meet(row.login for row in news_rows if row.live)
        for row in news_rows:
            self._put(row)
        self._carry_out(level_hits(levels, ticks), self.walked, ticks)

    def _carry_out(self, hits: list[Hit], until: int, ticks: list[Tick]) -> None:
        """Execute the hits up to quote `until` in their order, and what the changed orders hit.

        `ticks` are those being processed: a trigger that is new to the book has also missed older
        ones.
        """
        while hits and hits[0].tick.number <= until:
            try:
                found = self._act(hits[0], ticks)
            except AWAY:  # processed quotes are not compared with the book again
                self.actions.owe(hit for hit in hits if hit.tick.number <= self.walked)
                raise
            heappop(hits)
            for hit in found:
                heappush(hits, hit)

    def _act(self, hit: Hit, ticks: list[Tick]) -> list[Hit]:
        """Execute a hit and put the changed order into the books; return what it hits then."""
        login = self.book.logins.get(hit.order)
        if login < 0:
            self.actions.failed.pop((hit.order, hit.kind), None)
            return []  # the order was ended by an earlier quote
        hit = self.actions.owed(hit)
        known = Known(login, self.book.revisions.get(hit.order))
        trade = self.actions.carry_out(hit, known, self.moment.at(hit.tick))
        if trade is None:
            return level_hits(self._again(hit, ticks), ticks)
        row = self._row(trade)
        is_news = self.book.is_news(row)
        levels = self.book.fresh(row) if is_news else []
        found = level_hits(levels, [*self._missed(levels), *ticks])  # first: this may fail
        self.margin.reread(login)
        self._put(row)
        self.margin.changed(login)
        if is_news:  # a trigger that remained in an order changed elsewhere
            found += level_hits(self.book.again(hit, hit.tick), [hit.tick, *ticks])
        return found

    def _ask(self, login: int, tick: Tick) -> None:
        """Have the account's margin checked; what was closed leaves the books."""
        for trade in self.margin.ask(login, tick, self.moment.at(tick)):
            self._put(self._row(trade))

    def _put(self, row: Row) -> None:
        """Apply an order update to both books, the only way into them."""
        if self.book.put(row):
            self.margin.put(row)
            self.floating.changed(row.login)

    def _again(self, hit: Hit, ticks: list[Tick]) -> list[Level]:
        """Return the trigger of a deferred hit, if its market opens within these quotes."""
        opening = self.actions.resting.opening(hit, ticks)
        return self.book.again(hit, opening) if opening else []

    def reconcile(self) -> None:
        """Compare the book with the live orders of the database and repair what differs."""
        live: dict[int, int] = dict(self._trades().values_list("order", "revision"))
        known = self.book.revisions
        differ = [order for order, revision in live.items() if known.get(order, 0) < revision]
        differ += [order for order in known if order not in live]
        if differ:
            log.warning("the book missed %s orders: %s", len(differ), differ[:10])
            self.learn(self._row(trade) for trade in Trade.objects.filter(pk__in=differ))
        self.book.dead.clear()
        self.margin.reconcile(loading.accounts_of_shard(self.shard, self.shards))
        self._reconciled = time.monotonic()

    def keep_up(self, leader: Leadership) -> None:
        """Once a second check leadership, report, retry and save; each minute reconcile."""
        if time.monotonic() - self._upkeep < UPKEEP:
            return
        leader.check()
        redis.beat("engine")
        self.retry()
        self.margin.settings()
        self.floating.meet()
        self.save_place()
        orders = len(self.book.logins)
        self.report.send(self.margin, self.actions, batch=self.batch, orders=orders)
        if time.monotonic() - self._reconciled > RECONCILE:
            self.reconcile()
        self._upkeep = time.monotonic()

    def retry(self) -> None:
        """Retry what failed, and check the changed orders against the quotes processed since."""
        hits = sorted(self.actions.failed.values())
        if hits:
            self._carry_out(hits, self.walked, self._since(hits[0].tick.number))

    def save_place(self) -> None:
        """Store how far the tick log has been processed and everything in it executed.

        What is processed again after a start is no step back.
        """
        owed = [path.batch_of(hit.tick.number) - 1 for hit in self.actions.failed.values()]
        if self.batch:
            walked = max(self.batch, self._begin.place)
            places.save(self.shard, self.shards, min([walked, *owed]))

    @property
    def walked(self) -> int:
        """Return the highest sequence number that a processed quote can have."""
        return path.last_seq_no(self.batch)

    def _is_mine(self, row: Row) -> bool:
        return row.login % self.shards == self.shard

    def _row(self, trade: Trade) -> Row:
        return self._current(Row.of(trade))

    def _current(self, row: Row) -> Row:
        """Let only later quotes trigger an order that waits after a refusal, never older ones."""
        if not row.waiting:
            return row
        walked = path.last_seq_no(max(self.batch, self.horizon))
        return replace(row, seen=max(row.seen, walked))

    def _missed(self, levels: list[Level]) -> list[Tick]:
        """Return the processed quotes that the triggers missed; an expiry can wait for the next."""
        seen = [watch.seen for _, look, watch in levels if look is not Look.TIME]
        first = min(seen, default=self.walked)
        return self._since(first) if path.batch_of(first) < self.batch else []

    def _since(self, number: int) -> list[Tick]:
        """Return the processed quotes from the batch of that sequence number on."""
        batches = path.after(path.batch_of(number) - 1)
        found = takewhile(lambda batch: batch.number <= self.batch, batches)
        return [tick for batch in found for tick in batch.ticks]

    def _first(self) -> int:
        """Return the batch up to which every order has seen the quotes."""
        seen: int | None = self._trades().aggregate(seen=Min("seen"))["seen"]
        return self.horizon if seen is None else min(self.horizon, path.batch_of(seen))

    def _trades(self) -> Any:
        return loading.orders_of_shard(self.shard, self.shards)

    def _patiently(self, stop: threading.Event, work: Callable[[], None]) -> None:
        """Do the work; while a server is unavailable log, wait and repeat. Checkpoints stay."""
        while True:
            try:
                return work()
            except AWAY as error:
                log.warning("waiting: %s", error)
                connection.close()
                self._reconciled = -inf  # book updates may have been lost meanwhile
                if stop.wait(BACK_OFF):
                    return None
