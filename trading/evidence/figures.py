"""An account's figures around a change and the quotes used, as they are stored as evidence."""

from core.json import plain_digits
from market.quotes.quote import Quote
from trading.valuation.account import Figures

FIGURE_NAMES = ("balance", "credit", "profit", "equity", "margin", "margin_free", "level")


def figures_as_json(figures: Figures | None) -> dict[str, str | None]:
    """Return the figures as JSON stores them: unrounded decimals as text.

    The level is None while no margin is used; without figures the result is empty.
    """
    if figures is None:
        return {}
    values = {name: getattr(figures, name) for name in FIGURE_NAMES}
    return {name: None if value is None else plain_digits(value) for name, value in values.items()}


def quote_as_json(quote: Quote) -> list[float | int]:
    """Return a quote as JSON stores it: bid, ask, time, received, sequence number."""
    return [float(quote.bid), float(quote.ask), quote.time, quote.received, quote.seq_no]
