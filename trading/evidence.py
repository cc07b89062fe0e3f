"""The evidence of what was decided: an account's figures around a change, as they are stored."""

from accounts.models import Account
from core.json import plain
from market.catalog import converter
from market.quotes import Quote, Quotes
from trading.models import Trade
from trading.positions import snapshot
from trading.valuation import Figures, Valuation

NAMES = ("balance", "credit", "profit", "equity", "margin", "margin_free", "level")


def stored(figures: Figures | None) -> dict[str, str | None]:
    """The figures unrounded, as they were compared; the level is null while no margin is used."""
    if figures is None:
        return {}
    values = {name: getattr(figures, name) for name in NAMES}
    return {name: None if value is None else plain(value) for name, value in values.items()}


def told(quote: Quote) -> list[float | int]:
    """A quote: bid, ask, time, received, number."""
    return [float(quote.bid), float(quote.ask), quote.time, quote.received, quote.number]


class Witness:
    """Sees the figures of a locked account before and after a change; one query for both."""

    def __init__(self, account: Account, quotes: Quotes) -> None:
        self._positions = snapshot(account.login).positions
        self._valuation = Valuation(account, converter(), quotes)
        self._valuation.load_quotes(self._positions)
        self.before = self._valuation.figures(self._positions)

    def after(self, trade: Trade) -> Figures:
        """With the account as it stands now, and the one changed trade as it stands now."""
        others = [position for position in self._positions if position.order != trade.order]
        return self._valuation.figures([*others, trade] if trade.is_position else others)
