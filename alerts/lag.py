"""How long after a quote its alerts were evaluated, as this process's vitals."""

from core import vitals
from core.clock import now_ms


class Lag:
    """Of the last window that had new batches; a batch is numbered by its unix ms."""

    def __init__(self) -> None:
        self._reached = 0
        self.ms = 0

    def evaluated(self, reached: int) -> None:
        """The window up to batch `reached` is committed."""
        if self._reached and reached > self._reached:  # at first it is not known what was new
            self.ms = max(0, now_ms() - reached)
        self._reached = max(self._reached, reached)
        vitals.tell("alerts", lag_ms=self.ms)


LAG = Lag()
