"""Floating profits of positions of many accounts, as lists of trades and their totals have them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from accounts.models import Account, Group
from core.money import round_to_currency
from market.catalog import current_converter, find_symbol
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes
from trading.models import Trade
from trading.valuation.account import Valuation
from trading.valuation.profit_terms import ValuedTrade

ATTRIBUTE = "floating"  # that a row of a list gets


class FloatingProfits:
    """The newest quotes at one moment, and the valuation of each group's accounts at them."""

    def __init__(self) -> None:
        self._quotes = LatestQuotes()
        self._valuations: dict[int, Valuation] = {}

    def load(self, positions: Iterable[tuple[Group, ValuedTrade]]) -> None:
        """Read all quotes that these positions and their conversions need, in one round trip."""
        held = {(group.pk, p.instrument.name): (group, p.instrument) for group, p in positions}
        symbols: set[str] = set()
        for group, symbol in held.values():
            symbols.update(self.valuation_of(group).symbols_for([symbol]))
        self._quotes.load(symbols)

    def valuation_of(self, group: Group) -> Valuation:
        """Return the group's valuation: a profit depends on the group alone."""
        if group.pk not in self._valuations:
            account = Account(group=group, leverage=group.leverage)
            self._valuations[group.pk] = Valuation(
                account, current_converter(), self._quotes, strict=True
            )
        return self._valuations[group.pk]

    def profit_of(self, group: Group, position: ValuedTrade) -> Decimal | None:
        """Return the profit in cents of the account's currency; None without a price or rate."""
        try:
            return round_to_currency(
                self.valuation_of(group).floating_profit(position), group.currency
            )
        except OffQuotes:
            return None


def attach_profits(trades: Sequence[Trade]) -> None:
    """Set the floating profit on the open positions among these rows.

    The rows must be read with their groups.
    """
    floating = FloatingProfits()
    positions = [trade for trade in trades if trade.is_position]
    for trade in positions:
        trade.symbol = find_symbol(trade.symbol_id or "")
    floating.load((trade.account.group, trade) for trade in positions)
    for trade in positions:
        profit = floating.profit_of(trade.account.group, trade)
        setattr(trade, ATTRIBUTE, profit)
