"""Services that change trades: one function, one transaction, the account locked first."""

from trading.services.checking import check, foresee
from trading.services.closing import close
from trading.services.correcting import correct, left_of, reverse
from trading.services.margin_watch import watch_margin
from trading.services.modifying import modify_pending, modify_position
from trading.services.opening import open_market
from trading.services.pending import cancel, open_pending
from trading.services.terms import change_terms
from trading.services.triggers import activate, expire, postpone, refuse_activation, trigger

__all__ = [
    "activate",
    "cancel",
    "change_terms",
    "check",
    "close",
    "correct",
    "expire",
    "foresee",
    "left_of",
    "modify_pending",
    "modify_position",
    "open_market",
    "open_pending",
    "postpone",
    "refuse_activation",
    "reverse",
    "trigger",
    "watch_margin",
]
