"""What a unit of work writes for one account; decisions fill it, the writer flushes it."""

from dataclasses import dataclass, field

from core.postgresql.row_statements import Row
from realtime.events.types import WireArray
from trading.book_updates import OrderUpdate
from trading.models import Fill, MarginAction, SwapCharge
from trading.unit.trade_rows import TradeRow


@dataclass(slots=True)
class ChangeSet:
    """The rows to insert and to update by order, the evidence, and the events in their order.

    `first_seq` is the seq of the first event; `book_seen` the highest sequence number of a quote
    that a position or money was changed with. `count` grows with every change.
    """

    first_seq: int
    inserted: dict[int, TradeRow] = field(default_factory=dict)
    updated: dict[int, TradeRow] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    margin_actions: list[MarginAction] = field(default_factory=list)
    swap_charges: list[SwapCharge] = field(default_factory=list)
    events: list[WireArray] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)  # stored with their events
    orders: dict[int, OrderUpdate] = field(default_factory=dict)
    book_seen: int = 0
    for_book: bool = False
    figures: bool = False  # whether the account's row has changed
    count: int = 0
