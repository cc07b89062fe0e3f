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
    """Return the market's quote as JSON: bid, ask, time, received, sequence number."""
    quote = quote.market
    return [float(quote.bid), float(quote.ask), quote.time, quote.received, quote.seq_no]


def prices_as_seen(quote: Quote) -> list[str] | None:
    """Return bid and ask of a quote with a group's mark-up as JSON, None without one."""
    if quote.unmarked is None:
        return None
    return [plain_digits(quote.bid), plain_digits(quote.ask)]
