"""Prometheus counters of trading, added up over all processes."""

from collections import Counter as Counts
from collections.abc import Iterable

from core.heartbeats import MS, Gauge
from observe.counters import Counter
from trading.enums import Activation
from trading.models import Fill

OPENED = Counter("broker_trades_opened_total", "Positions opened, by what did it.", "cause")
CLOSED = Counter(
    "broker_trades_closed_total", "Positions closed, or parts, by what did it.", "cause"
)
TRIGGERS = Counter("broker_triggers_total", "Fills that the quotes demanded.", "kind")
COUNTERS = (OPENED, CLOSED, TRIGGERS)
GAUGES = (
    Gauge("engine", "leader", "broker_engine_leader", "1 where it leads, 0 on standby."),
    Gauge("engine", "lag_ms", "broker_engine_lag_seconds", "Behind the newest quote.", MS),
    Gauge("engine", "pass_ms", "broker_engine_pass_seconds", "Longest of the last second.", MS),
    Gauge("engine", "trades", "broker_engine_trades", "Open positions in the book."),
    Gauge("engine", "orders", "broker_engine_orders", "Orders in the book."),
    Gauge("engine", "accounts", "broker_engine_accounts", "Accounts in the book."),
)
CAUSE_REQUEST = "request"


def count_fills(fills: Iterable[Fill]) -> None:
    """Count fills by their causes when the current transaction commits."""
    counts = Counts((fill.kind, fill.trade.activation) for fill in fills)
    for (kind, activation), amount in counts.items():
        cause = Activation(activation).label if activation else CAUSE_REQUEST
        (CLOSED if kind == Fill.Kind.CLOSE else OPENED).add_after_commit(cause, amount=amount)
        if cause != CAUSE_REQUEST and kind != Fill.Kind.OPEN:
            TRIGGERS.add_after_commit(cause, amount=amount)
