"""How long after a quote its alerts were evaluated, reported in the heartbeat."""

from core import heartbeats
from core.clock import now_ms


class EvaluationLag:
    """The delay of the last window with new batches; a batch number is its unix ms."""

    def __init__(self) -> None:
        self._reached = 0
        self.ms = 0

    def record(self, reached: int) -> None:
        """Record that the window up to batch `reached` is committed, and report the lag."""
        if self._reached and reached > self._reached:  # the first window may hold old batches
            self.ms = max(0, now_ms() - reached)
        self._reached = max(self._reached, reached)
        heartbeats.report_heartbeat("alerts", lag_ms=self.ms)


LAG = EvaluationLag()
