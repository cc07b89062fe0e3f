"""Services that change trades: one function, one transaction, the account locked first."""

from trading.services.account_terms import change_account_terms
from trading.services.closing import close_position, close_positions
from trading.services.corrections import correct_entry, remaining_amount, reverse_operation
from trading.services.margin_control import enforce_margin_levels
from trading.services.modifying import modify_pending, modify_position
from trading.services.opening import open_market
from trading.services.order_check import check_order, estimate_order
from trading.services.pending import cancel_pending, cancel_pendings, open_pending
from trading.services.symbol_orders import cancel_symbol, close_symbol
from trading.services.triggers import (
    activate_pending,
    close_by_trigger,
    defer_activation,
    expire_pending,
    refuse_activation,
)

__all__ = [
    "activate_pending",
    "cancel_pending",
    "cancel_pendings",
    "cancel_symbol",
    "change_account_terms",
    "check_order",
    "close_by_trigger",
    "close_position",
    "close_positions",
    "close_symbol",
    "correct_entry",
    "defer_activation",
    "enforce_margin_levels",
    "estimate_order",
    "expire_pending",
    "modify_pending",
    "modify_position",
    "open_market",
    "open_pending",
    "refuse_activation",
    "remaining_amount",
    "reverse_operation",
]
