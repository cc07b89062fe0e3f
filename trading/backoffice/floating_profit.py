"""Floating profits of positions of many accounts, as lists of trades and their totals have them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from accounts.models import Account, Group
from core.money import round_to_currency
from market.catalog import current_converter, find_instrument
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes, Quote
from trading.models import Trade
from trading.valuation.account import Valuation
from trading.valuation.profit_terms import ValuedTrade

FLOATING, PRICE_NOW = "floating", "price_now"  # that a live row of a list gets


class FloatingProfits:
    """The newest quotes at one moment, and the valuation of each group's accounts at them."""

    def __init__(self) -> None:
        self._quotes = LatestQuotes()
        self._valuations: dict[int, Valuation] = {}

    def load(
        self, positions: Iterable[tuple[Group, ValuedTrade]], further: Iterable[str] = ()
    ) -> None:
        """Read all quotes that these positions and their conversions need, in one round trip.

        So are those of `further` symbols.
        """
        held = {(group.pk, p.instrument.name): (group, p.instrument) for group, p in positions}
        symbols = set(further)
        for group, symbol in held.values():
            symbols.update(self.valuation_of(group).symbols_for([symbol]))
        self._quotes.load(symbols)

    def quote_of(self, group: Group, symbol: str) -> Quote | None:
        """Return the newest quote of the symbol as the group sees it."""
        return self.valuation_of(group).quotes.get(symbol)

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
    """Set the price now on the live orders among these rows, on positions their profit too.

    The price is that at which a position would be closed, or a pending order becomes one. The
    rows must be read with their groups.
    """
    floating = FloatingProfits()
    live = [trade for trade in trades if trade.is_position or trade.is_pending]
    for trade in live:
        trade.symbol = find_instrument(trade.account.group_id, trade.symbol_id or "")
    positions = [trade for trade in live if trade.is_position]
    floating.load(
        ((trade.account.group, trade) for trade in positions),
        [trade.instrument.name for trade in live],
    )
    for trade in live:
        quote = floating.quote_of(trade.account.group, trade.instrument.name)
        if trade.is_position:
            profit = floating.profit_of(trade.account.group, trade)
            setattr(trade, FLOATING, profit)
        if quote is not None:
            side = quote.closing_price if trade.is_position else quote.opening_price
            setattr(trade, PRICE_NOW, side(trade.direction))
