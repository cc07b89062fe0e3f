"""What Prometheus is told of trading: counters, added up over all processes."""

from core.counters import Counter
from trading.enums import Activation
from trading.models import Fill, Trade

OPENED = Counter("broker_trades_opened_total", "Positions opened, by what did it.", "cause")
CLOSED = Counter(
    "broker_trades_closed_total", "Positions closed, or parts, by what did it.", "cause"
)
TRIGGERS = Counter("broker_triggers_total", "Fills that the quotes demanded.", "kind")
COUNTERS = (OPENED, CLOSED, TRIGGERS)
REQUEST = "request"


def filled(kind: Fill.Kind, trade: Trade) -> None:
    """A fill is written; it counts when this transaction commits."""
    cause = Activation(trade.activation).label if trade.activation else REQUEST
    (CLOSED if kind == Fill.Kind.CLOSE else OPENED).after_commit(cause)
    if cause != REQUEST and kind != Fill.Kind.OPEN:
        TRIGGERS.after_commit(cause)
