"""The hits that are to be executed, in the order of their quotes, taken by account."""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

from market.quotes.quote import Quotes
from market.quotes.tick_log import Tick
from trading.engine.executor import Attempt, TriggerExecutor
from trading.engine.triggers.trigger_book import TriggerBook, TriggerHit
from trading.unit.portions import PORTION

MOST_HITS = 500  # of one transaction


Runs = dict[int, list[Attempt]]  # the hits of one quote by login, in their order


class HitQueue:
    """A heap of hits; `ticks` are the quotes among which changed orders may hit further ones."""

    def __init__(self, hits: list[TriggerHit], ticks: list[Tick]) -> None:
        self.hits, self.ticks = hits, ticks
        heapify(hits)

    def has_until(self, seq_no: int) -> bool:
        """Return whether there is a hit up to this quote."""
        return bool(self.hits) and self.hits[0].tick.seq_no <= seq_no

    def put(self, hits: Iterable[TriggerHit]) -> None:
        """Add hits that were found, or that were taken and not executed."""
        for hit in hits:
            heappush(self.hits, hit)

    def take(
        self, book: TriggerBook, executor: TriggerExecutor, view_at: Callable[[Tick], Quotes]
    ) -> Runs:
        """Take the hits of the first quote, each order once, of PORTION accounts at most.

        Another hit of the same order is left with what follows it in its account: whether they hold
        is known only when the first is done. Nothing here asks a server, so no hit can be lost.
        """
        runs: Runs = {}
        left: dict[int, list[TriggerHit]] = {}
        orders: set[int] = set()
        views: dict[int, Quotes] = {}
        seq_no = self.hits[0].tick.seq_no
        while self.has_until(seq_no) and len(orders) < MOST_HITS and len(runs) < PORTION:
            queued = heappop(self.hits)
            login = book.logins.get(queued.order)
            if login < 0:  # the order was ended by an earlier quote
                executor.failed.pop((queued.order, queued.kind), None)
            elif login in left or queued.order in orders:
                left.setdefault(login, []).append(queued)
            else:
                hit = executor.earlier_failure(queued)
                orders.add(hit.order)
                view = views.setdefault(hit.tick.seq_no, view_at(hit.tick))
                revision = book.revisions.get(hit.order)
                runs.setdefault(login, []).append(Attempt(hit, login, revision, view, queued))
        for hits in left.values():
            self.put(hits)
        return runs
