"""What a trade was concluded on: of a symbol that is traded it cannot be changed any more."""

from core.sections import load_contributions
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


def in_use(symbol: Symbol) -> bool:
    """Return whether a section has rows that stand on the symbol's terms."""
    return any(uses_symbol(symbol) for uses_symbol in load_contributions("uses_symbol"))
