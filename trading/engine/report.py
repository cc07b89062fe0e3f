"""The heartbeat of a shard's engine every second, and its book summary every two."""

import logging
import time

import orjson
from redis.exceptions import RedisError

from core import redis, vitals
from core.clock import now_ms
from market import path
from trading.engine.actions import Actions
from trading.engine.overview import KEY, LIFE, overview
from trading.engine.watch import MarginWatch

EVERY = 2.0  # seconds between two book summaries
STANDBY = 1.0  # seconds between two heartbeats of an engine that stands by
log = logging.getLogger(__name__)


class Report:
    """The engine's report of itself: no failure here may keep an order from its trigger."""

    def __init__(self, shard: int, shards: int) -> None:
        self.shard, self.shards = shard, shards
        self._longest = self._took = 0.0  # seconds: of a pass since the last report, of a summary
        self._overview = self._standby = 0.0

    def walked(self, began: float) -> None:
        """Record that a batch was processed since the monotonic time `began`."""
        self._longest = max(self._longest, time.monotonic() - began)

    def standing_by(self) -> None:
        """Report that another process leads; called often."""
        if time.monotonic() >= self._standby:
            self._standby = time.monotonic() + STANDBY
            vitals.tell("engine", shard=self.shard, shards=self.shards, leader=0)

    def send(self, margin: MarginWatch, actions: Actions, *, batch: int, orders: int) -> None:
        """Report how the leader is doing; `batch` is the last one that it processed."""
        try:
            if time.monotonic() >= self._overview:
                self._overview = time.monotonic() + EVERY
                self._publish(margin, batch)
            vitals.tell(
                "engine",
                shard=self.shard,
                shards=self.shards,
                leader=1,
                lag_ms=max(0, path.newest() - batch),
                pass_ms=round(self._longest * 1000, 2),
                overview_ms=round(self._took * 1000, 2),
                trades=len(margin.book),
                orders=orders,
                accounts=margin.book.accounts.size,
                triggers=actions.carried + margin.stopped,
            )
            self._longest = 0.0
        except RedisError as error:
            log.debug("not told: %s", error)
        except Exception:
            # A summary for staff that fails is no reason to leave orders without their triggers.
            log.exception("the overview failed")

    def _publish(self, margin: MarginWatch, batch: int) -> None:
        began = time.monotonic()
        told = {
            "time": now_ms(), "batch": batch, "shards": self.shards,
            "groups": overview(margin.book),
        }  # fmt: skip
        data = orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS)
        self._took = time.monotonic() - began
        redis.hasty_client().set(f"{KEY}{self.shard}", data, ex=LIFE)
