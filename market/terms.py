"""What a trade was concluded on: of a symbol that is traded it cannot be changed any more."""

from django.dispatch import Signal

from market.models import Symbol

FIXED = (
    "currency",
    "quote_currency",
    "margin_currency",
    "contract_size",
    "digits",
    "tick_size",
    "tick_value",
    "margin_mode",
    "profit_mode",
)
asked_whether_used = Signal()  # `symbol`; a receiver answers whether it has trades on it


def in_use(symbol: Symbol) -> bool:
    """Whether anything stands on the symbol's terms; the market itself knows no trades."""
    answers = asked_whether_used.send(sender=Symbol, symbol=symbol)
    return any(used for _, used in answers)
