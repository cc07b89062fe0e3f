"""An account's figures around a change and the quotes used, as they are stored as evidence."""

from accounts.models import Account
from core.json import plain_digits
from market.catalog import current_converter
from market.quotes.quote import Quote, Quotes
from trading.models import Trade
from trading.valuation.account import Figures, Valuation
from trading.valuation.positions import load_account_snapshot

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


class BeforeAfterFigures:
    """The figures of a locked account before and after a change of one trade.

    The positions are read once, before the change.
    """

    def __init__(self, account: Account, quotes: Quotes) -> None:
        self._positions = load_account_snapshot(account.login).positions
        self._valuation = Valuation(account, current_converter(), quotes)
        self._valuation.load_quotes(self._positions)
        self.before = self._valuation.figures(self._positions)

    def after(self, trade: Trade) -> Figures:
        """Compute the figures with the account and the one changed trade as they stand now."""
        others = [position for position in self._positions if position.order != trade.order]
        return self._valuation.figures([*others, trade] if trade.is_position else others)
