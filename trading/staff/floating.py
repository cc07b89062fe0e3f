"""Floating profits of positions of many accounts, as lists of trades and their totals have them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from accounts.models import Account, Group
from core.money import cents
from market.catalog import converter, named
from market.errors import OffQuotes
from market.quotes import LatestQuotes
from trading.models import Trade
from trading.valuation import Valuation, Valued

NAME = "floating"  # that a row of a list gets


class Floating:
    """The newest quotes at one moment, and the valuation of each group's accounts at them."""

    def __init__(self) -> None:
        self._quotes = LatestQuotes()
        self._valuations: dict[int, Valuation] = {}

    def load(self, positions: Iterable[tuple[Group, Valued]]) -> None:
        """Read all quotes that these positions and their conversions need, in one round trip."""
        held = {(group.pk, p.instrument.name): (group, p.instrument) for group, p in positions}
        symbols: set[str] = set()
        for group, symbol in held.values():
            symbols.update(self.of(group).symbols_for([symbol]))
        self._quotes.load(symbols)

    def of(self, group: Group) -> Valuation:
        """Return the group's valuation: a profit depends on the group alone."""
        if group.pk not in self._valuations:
            account = Account(group=group, leverage=group.leverage)
            self._valuations[group.pk] = Valuation(account, converter(), self._quotes, strict=True)
        return self._valuations[group.pk]

    def profit(self, group: Group, position: Valued) -> Decimal | None:
        """Return the profit in cents of the account's currency; None without a price or rate."""
        try:
            return cents(self.of(group).floating(position), group.currency)
        except OffQuotes:
            return None


def give(trades: Sequence[Trade]) -> None:
    """Set the floating profit on the open positions among these rows.

    The rows must be read with their groups.
    """
    floating = Floating()
    positions = [trade for trade in trades if trade.is_position]
    for trade in positions:
        trade.symbol = named(trade.symbol_id or "")
    floating.load((trade.account.group, trade) for trade in positions)
    for trade in positions:
        profit = floating.profit(trade.account.group, trade)
        setattr(trade, NAME, profit)
