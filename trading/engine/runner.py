"""The engine of one shard: walks the path with the book and acts through the services."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heappop, heappush
from itertools import takewhile
from typing import Any

from django.db import connection

from core import redis
from core.leader import Leadership, LeadershipLost
from market import path
from market.path import Batch, Tick
from market.quotes import BATCH_SIZE
from trading.engine import news
from trading.engine.actions import AWAY, Actions
from trading.engine.book import Book, Hit, Level, Look, level_hits
from trading.engine.moment import Moment
from trading.engine.news import NEWS, Row
from trading.models import EnginePlace, Trade

log = logging.getLogger(__name__)
BLOCK = 500  # ms to wait for news or quotes
RECONCILE = 60.0  # seconds between two comparisons of the book with the database
UPKEEP = 1.0  # seconds between two heartbeats and writes of the place
OVERLAP = 61_000  # ms of path walked again after a start: RECONCILE, in which news may be lost
BACK_OFF = 1.0  # seconds to wait when PostgreSQL or Redis is away


class Engine:
    """The book of the accounts with login mod `shards` = `shard`, and the place in the path."""

    def __init__(self, shard: int = 0, shards: int = 1) -> None:
        self.shard, self.shards = shard, shards
        self.book, self.moment, self.actions = Book(), Moment(), Actions()
        self.batch = self.horizon = 0
        self.news_id = "0"
        self._upkeep = self._reconciled = 0.0

    def run(self, stop: threading.Event) -> None:
        """Lead whenever the lock can be had, until `stop` is set; a standby waits for its turn."""
        leader = Leadership(f"engine-{self.shard}")
        try:
            while not stop.is_set():
                if leader.acquire(stop):
                    self.lead(stop, leader)
        finally:
            leader.close()

    def lead(self, stop: threading.Event, leader: Leadership) -> None:
        """Load the book and walk the path; ends when `stop` is set or the lead is lost."""
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
        """The book from the database, and the place from which the path is walked again.

        That is a minute before the last leader's place: one walk also covers what orders whose
        news was lost have missed. Nothing triggers twice: every order knows what it has seen.
        """
        self.book, self.moment, self.actions = Book(), Moment(), Actions()
        newest: Any = redis.client().xrevrange(NEWS, count=1)
        self.news_id = newest[0][0] if newest else "0"
        self.horizon = path.newest()
        place = EnginePlace.objects.filter(pk=self.shard).first()
        self.batch = place.batch - OVERLAP if place else self.horizon
        self.moment.seed(path.after(self.batch))
        for trade in self._trades().iterator():
            self.book.put(self._row(trade))
        self._reconciled = time.monotonic()

    def step(self) -> None:
        """Take in what is new: first the orders, then the quotes that they are judged by."""
        streams: Any = {NEWS: self.news_id, path.PATH: path.entry_id(self.batch)}
        answer: Any = redis.client().xread(streams, count=200, block=BLOCK)
        arrived: dict[str, Any] = dict(answer or [])
        for entry_id, fields in arrived.get(NEWS, ()):
            self.learn(self._current(row) for row in news.decoded(fields["t"]))
            self.news_id = entry_id
        for batch in path.decoded(arrived.get(path.PATH, ())):
            self.walk(batch)

    def walk(self, batch: Batch) -> None:
        """Act on what the batch's quotes reach, each at its own quote and moment."""
        self._judge(batch.ticks, self.book.hits(batch.ticks), self.moment.walk)
        self.batch = batch.number

    def learn(self, rows: Iterable[Row]) -> None:
        """Take over changed orders; quotes that a new level should have seen are walked for it."""
        news_rows = [row for row in rows if self._is_mine(row) and self.book.is_news(row)]
        levels = [level for row in news_rows for level in self.book.fresh(row)]
        ticks = self._missed(levels)
        for row in news_rows:
            self.book.put(row)
        try:
            self._judge(ticks, level_hits(levels, ticks))
        except AWAY:  # so that the repeat takes them for news again
            for row in news_rows:
                self.book.forget(row.order)
            raise

    def _judge(
        self, ticks: list[Tick], hits: list[Hit], walk: Callable[[Tick], None] | None = None
    ) -> None:
        """Carry out the hits in the order of their quotes, and what the changed orders then hit."""
        for tick in ticks:
            if walk:
                walk(tick)
            while hits and hits[0].tick.number == tick.number:
                for hit in level_hits(self._act(heappop(hits)), ticks):
                    heappush(hits, hit)

    def _act(self, hit: Hit) -> list[Level]:
        """Carry out a hit; what became of the order goes into the book. Its new levels."""
        login = self.book.logins.get(hit.order)
        if login is None:
            self.actions.failed.pop((hit.order, hit.kind), None)
            return []  # an earlier quote has ended it
        trade = self.actions.carry_out(hit, login, self.moment.at(hit.tick))
        if trade is None:
            return []
        row = self._row(trade)
        levels = self.book.fresh(row) if self.book.is_news(row) else []
        self.book.put(row)
        return levels

    def reconcile(self) -> None:
        """Compare the book with the live orders of the database and mend what differs."""
        live: dict[int, int] = dict(self._trades().values_list("order", "revision"))
        known = self.book.revisions
        differ = [order for order, revision in live.items() if known.get(order, 0) < revision]
        differ += [order for order in known if order not in live]
        if differ:
            log.warning("the book missed %s orders: %s", len(differ), differ[:10])
            self.learn(self._row(trade) for trade in Trade.objects.filter(pk__in=differ))
        self.book.dead.clear()
        self._reconciled = time.monotonic()

    def keep_up(self, leader: Leadership) -> None:
        """Once a second: leadership, heartbeat, failed hits, the place; each minute: reconcile."""
        if time.monotonic() - self._upkeep < UPKEEP:
            return
        leader.check()
        redis.beat("engine")
        for hit in list(self.actions.failed.values()):
            self._act(hit)
        self.save_place()
        if time.monotonic() - self._reconciled > RECONCILE:
            self.reconcile()
        self._upkeep = time.monotonic()

    def save_place(self) -> None:
        """Write how far the path has been walked and everything in it carried out."""
        owed = [path.batch_of(hit.tick.number) - 1 for hit in self.actions.failed.values()]
        if self.batch:
            place = {"batch": min([self.batch, *owed])}
            EnginePlace.objects.update_or_create(pk=self.shard, defaults=place)

    def _is_mine(self, row: Row) -> bool:
        return row.login % self.shards == self.shard

    def _row(self, trade: Trade) -> Row:
        return self._current(Row.of(trade))

    def _current(self, row: Row) -> Row:
        """An order that waits after a refusal is tried by quotes to come, never by older ones."""
        if not row.waiting:
            return row
        walked = (max(self.batch, self.horizon) + 1) * BATCH_SIZE - 1
        return replace(row, seen=max(row.seen, walked))

    def _missed(self, levels: list[Level]) -> list[Tick]:
        """The walked quotes that the levels had yet to see; an expiry can wait for the next one."""
        seen = [watch.seen for _, look, watch in levels if look is not Look.TIME]
        first = path.batch_of(min(seen)) if seen else self.batch
        if first >= self.batch:
            return []
        found = takewhile(lambda batch: batch.number <= self.batch, path.after(first - 1))
        return [tick for batch in found for tick in batch.ticks]

    def _trades(self) -> Any:
        trades = Trade.objects.live()
        if self.shards == 1:
            return trades
        return trades.extra(where=["login %% %s = %s"], params=[self.shards, self.shard])

    def _patiently(self, stop: threading.Event, work: Callable[[], None]) -> None:
        """Do it; a server that is away is logged and waited for, the place stays where it is."""
        while True:
            try:
                return work()
            except AWAY as error:
                log.warning("waiting: %s", error)
                connection.close()
                if stop.wait(BACK_OFF):
                    return None
