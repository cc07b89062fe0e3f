"""Floating profits of positions of many accounts, as a list or its totals show them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from accounts.models import Account, Group
from core.money import cents
from market.catalog import converter, named
from market.errors import OffQuotes
from market.quotes import LatestQuotes
from trading.models import Trade
from trading.valuation import Valuation, Valued

NAME = "floating"  # of the attribute that a row of a list gets


class Floating:
    """The newest quotes of one moment, and the formulas for each group's accounts at them."""

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
        """What a profit is worth depends on the group alone."""
        if group.pk not in self._valuations:
            account = Account(group=group, leverage=group.leverage)
            self._valuations[group.pk] = Valuation(account, converter(), self._quotes, strict=True)
        return self._valuations[group.pk]

    def profit(self, group: Group, position: Valued) -> Decimal | None:
        """In cents of the account's currency; None where a price or a rate is not known."""
        try:
            return cents(self.of(group).floating(position), group.currency)
        except OffQuotes:
            return None


def give(trades: Sequence[Trade]) -> None:
    """Let the open positions among these rows, read with their groups, know their profit."""
    floating = Floating()
    positions = [trade for trade in trades if trade.is_position]
    for trade in positions:
        trade.symbol = named(trade.symbol_id or "")
    floating.load((trade.account.group, trade) for trade in positions)
    for trade in positions:
        profit = floating.profit(trade.account.group, trade)
        setattr(trade, NAME, profit)
