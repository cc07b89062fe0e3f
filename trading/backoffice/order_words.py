"""What brokers call the types and states of orders, where the contract's labels differ."""

from market.models import format_lots
from trading.enums import Activation, Cmd, State
from trading.models import Trade

TYPE_WORDS = {Cmd.BALANCE_IN: "deposit", Cmd.BALANCE_OUT: "withdrawal"}
STATE_WORDS = {State.CLOSED_PART: "partial close", State.DELETED: "cancelled"}
REQUEST = "request"  # of a client or of staff: the platform did nothing by itself


def type_word(cmd: int) -> str:
    """Return what an order or a posting is: buy limit, deposit."""
    kind = Cmd(cmd)
    return TYPE_WORDS.get(kind, str(kind.label))


def state_word(state: int) -> str:
    """Return the state of an order: open, cancelled."""
    known = State(state)
    return STATE_WORDS.get(known, str(known.label))


def order_words(trade: Trade) -> str:
    """Return what an order is, for example "buy 0.10 EURUSD"."""
    return f"{trade.kind.label} {format_lots(trade.volume)} {trade.symbol_id}"


def cause_word(activation: int) -> str:
    """Return what opened or closed an order: a request, stop loss, stop-out."""
    return str(Activation(activation).label) if activation else REQUEST
