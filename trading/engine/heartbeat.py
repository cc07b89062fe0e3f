"""The heartbeat of a shard's engine every second, and its book summary every two."""

import logging
import time

import orjson
from redis.exceptions import RedisError

from core import heartbeats, redis
from core.clock import now_ms
from market.quotes import tick_log
from trading.engine.book_summary import SUMMARY_KEY, SUMMARY_LIFE, summarize_book
from trading.engine.executor import TriggerExecutor
from trading.engine.margin_monitor import MarginMonitor

SUMMARY_INTERVAL = 2.0  # seconds between two book summaries
STANDBY_INTERVAL = 1.0  # seconds between two heartbeats of an engine that stands by
log = logging.getLogger(__name__)


class EngineHeartbeat:
    """The engine's report of itself: no failure here may keep an order from its trigger."""

    def __init__(self, shard: int, shards: int) -> None:
        self.shard, self.shards = shard, shards
        self._longest_pass = self._summary_duration = (
            0.0  # seconds: of a pass since the last report, of a summary
        )
        self._next_summary = self._next_standby = 0.0

    def record_pass(self, began: float) -> None:
        """Record that a batch was processed since the monotonic time `began`."""
        self._longest_pass = max(self._longest_pass, time.monotonic() - began)

    def report_standby(self) -> None:
        """Report that another process leads; called often."""
        if time.monotonic() >= self._next_standby:
            self._next_standby = time.monotonic() + STANDBY_INTERVAL
            heartbeats.report_heartbeat("engine", shard=self.shard, shards=self.shards, leader=0)

    def send(
        self, margin: MarginMonitor, executor: TriggerExecutor, batch: int, orders: int
    ) -> None:
        """Report how the leader is doing: the last processed `batch`, and how many live orders."""
        try:
            if time.monotonic() >= self._next_summary:
                self._next_summary = time.monotonic() + SUMMARY_INTERVAL
                self._publish_summary(margin, batch)
            heartbeats.report_heartbeat(
                "engine",
                shard=self.shard,
                shards=self.shards,
                leader=1,
                lag_ms=max(0, tick_log.newest_batch_number() - batch),
                pass_ms=round(self._longest_pass * 1000, 2),
                overview_ms=round(self._summary_duration * 1000, 2),
                trades=len(margin.book),
                orders=orders,
                accounts=margin.book.accounts.size,
                triggers=executor.executed_count + margin.stop_outs,
            )
            self._longest_pass = 0.0
        except RedisError as error:
            log.debug("not reported: %s", error)
        except Exception:
            # A summary for staff that fails is no reason to leave orders without their triggers.
            log.exception("the overview failed")

    def _publish_summary(self, margin: MarginMonitor, batch: int) -> None:
        began = time.monotonic()
        document = {
            "time": now_ms(),
            "batch": batch,
            "shards": self.shards,
            "groups": summarize_book(margin.book),
        }
        data = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
        self._summary_duration = time.monotonic() - began
        redis.fail_fast_client().set(f"{SUMMARY_KEY}{self.shard}", data, ex=SUMMARY_LIFE)
