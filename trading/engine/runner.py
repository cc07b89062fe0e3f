"""The engine of one shard: walks the path with the book and acts through the services."""

import logging
import threading
import time
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import takewhile
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from redis.exceptions import RedisError

from core import redis
from core.leader import Leadership, LeadershipLost
from market import path
from market.path import Batch, Tick
from trading.engine import news
from trading.engine.actions import Actions
from trading.engine.book import Book, Hit
from trading.engine.moment import Moment
from trading.engine.news import NEWS, Row
from trading.models import EnginePlace, Trade

log = logging.getLogger(__name__)
BLOCK = 500  # ms to wait for news or quotes
RECONCILE = 60.0  # seconds between two comparisons of the book with the database
UPKEEP = 1.0  # seconds between two heartbeats and writes of the place
OVERLAP = 1000  # ms of path walked again after a start, for orders whose news was lost
BACK_OFF = 1.0  # seconds to wait when PostgreSQL or Redis is away


class Engine:
    """The book of the accounts with login mod `shards` = `shard`, and the place in the path."""

    def __init__(self, shard: int = 0, shards: int = 1) -> None:
        self.shard, self.shards = shard, shards
        self.book, self.moment, self.actions = Book(), Moment(), Actions()
        self.batch = 0
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
        """The book from the database, and the place where the last leader stopped."""
        self.book, self.moment, self._reconciled = Book(), Moment(), 0.0
        newest: Any = redis.client().xrevrange(NEWS, count=1)
        self.news_id = newest[0][0] if newest else "0"
        place = EnginePlace.objects.filter(pk=self.shard).first()
        self.batch = place.batch - OVERLAP if place else path.newest()
        self.reconcile()

    def step(self) -> None:
        """Take in what is new: first the orders, then the quotes that they are judged by."""
        streams: Any = {NEWS: self.news_id, path.PATH: path.entry_id(self.batch)}
        answer: Any = redis.client().xread(streams, count=200, block=BLOCK)
        arrived: dict[str, Any] = dict(answer or [])
        for entry_id, fields in arrived.get(NEWS, ()):
            for row in news.decoded(fields["t"]):
                self.learn(row)
            self.news_id = entry_id
        for batch in path.decoded(arrived.get(path.PATH, ())):
            self.walk(batch)

    def walk(self, batch: Batch) -> None:
        """Act on what the batch's quotes reach, each at its own quote and moment."""
        self._judge(batch.ticks, self.book.hits(batch.ticks), self.moment.walk)
        self.batch = batch.number

    def learn(self, row: Row) -> None:
        """Take over a changed order; quotes that it should have seen already are walked for it."""
        if row.login % self.shards != self.shard or not self.book.put(row) or not row.live:
            return
        first = path.batch_of(min(row.seen, row.sl_seen, row.tp_seen))
        if first < self.batch:
            ticks = self._walked_since(first)
            self._judge(ticks, self.book.row_hits(row, ticks))

    def _judge(
        self, ticks: list[Tick], hits: list[Hit], walk: Callable[[Tick], None] | None = None
    ) -> None:
        """Carry out the hits in the order of their quotes, and what the changed orders then hit."""
        for tick in ticks:
            if walk:
                walk(tick)
            while hits and hits[0].tick.number == tick.number:
                changed = self._act(heappop(hits))
                for hit in self.book.row_hits(changed, ticks) if changed else ():
                    heappush(hits, hit)

    def _act(self, hit: Hit) -> Row | None:
        """Carry out a hit; what became of the order goes into the book at once."""
        login = self.book.logins.get(hit.order)
        if login is None:
            return None  # an earlier quote has ended it
        trade = self.actions.carry_out(hit, login, self.moment.at(hit.tick))
        if trade is None:
            return None
        row = Row.of(trade)
        self.book.put(row)
        return row if row.live else None

    def reconcile(self) -> None:
        """Compare the book with the live orders of the database and mend what differs."""
        live: dict[int, int] = dict(self._trades().values_list("order", "revision"))
        known = self.book.revisions
        differ = [order for order, revision in live.items() if known.get(order, 0) < revision]
        differ += [order for order in known if order not in live]
        for trade in Trade.objects.filter(pk__in=differ):
            self.learn(Row.of(trade))
        if self._reconciled and differ:
            log.warning("the book missed %s orders: %s", len(differ), differ[:10])
        self._reconciled = time.monotonic()

    def keep_up(self, leader: Leadership) -> None:
        """Once a second: still the leader? heartbeat, place; once a minute: reconcile."""
        if time.monotonic() - self._upkeep < UPKEEP:
            return
        leader.check()
        redis.beat("engine")
        self.save_place()
        if time.monotonic() - self._reconciled > RECONCILE:
            self.reconcile()
        self._upkeep = time.monotonic()

    def save_place(self) -> None:
        """Write how far the path has been walked."""
        if self.batch:
            EnginePlace.objects.update_or_create(pk=self.shard, defaults={"batch": self.batch})

    def _trades(self) -> Any:
        trades = Trade.objects.live()
        if self.shards == 1:
            return trades
        return trades.extra(where=["login %% %s = %s"], params=[self.shards, self.shard])

    def _walked_since(self, batch: int) -> list[Tick]:
        found = takewhile(lambda b: b.number <= self.batch, path.after(batch - 1))
        return [tick for each in found for tick in each.ticks]

    def _patiently(self, stop: threading.Event, work: Callable[[], None]) -> None:
        """Do it; a server that is away is logged and waited for, the place stays where it is."""
        while True:
            try:
                return work()
            except (RedisError, OperationalError, InterfaceError) as error:
                log.warning("waiting: %s", error)
                connection.close()
                if stop.wait(BACK_OFF):
                    return None
