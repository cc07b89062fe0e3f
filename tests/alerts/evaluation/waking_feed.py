"""A small feed that wakes the tasks as the real one does."""

from typing import Any

from core import redis
from core.redis_keys import alive_key
from market.feed.task_waker import TaskWaker
from tests.alerts.small_feed import Feed

QUEUE = "celery"


class WakingFeed(Feed):
    """A feed that says of each batch whether it wakes the evaluation."""

    def __init__(self, queue: Any) -> None:
        super().__init__()
        self._queue = queue
        self.restart()

    def restart(self) -> None:
        """Begin anew as another process does."""
        self.waker = TaskWaker()

    @property
    def sent(self) -> int:
        """Return how many tasks wait in the broker."""
        return int(self._queue.llen(QUEUE))

    def wakes(self, *bids: float, symbol: str = "EURUSD", **when: int) -> bool:
        """Publish one batch; return whether the task was sent."""
        before = self.sent
        self.waker.note_published([self.publish(*bids, symbol=symbol, **when)])
        self.waker.wake_if_due()
        return self.sent > before


def start_worker() -> None:
    """Mark a worker alive for as long as a test may take."""
    redis.sync_client().set(alive_key("worker"), "1")
