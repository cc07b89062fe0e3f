"""Fields on which trades were concluded: frozen once a symbol has trades."""

from core.sections import load_contributions
from market.models import Symbol

FROZEN_FIELDS = (
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


def is_in_use(symbol: Symbol) -> bool:
    """Return True if another section has trades on the symbol; the market knows none itself."""
    return any(uses_symbol(symbol) for uses_symbol in load_contributions("uses_symbol"))
