"""What changing or cancelling an order would do, before it is confirmed."""

from collections.abc import Callable
from decimal import Decimal

from backoffice.actions.action import ActionPreview
from backoffice.columns import format_amount, format_price, format_utc
from market.catalog import find_instrument
from market.errors import OffQuotes
from market.group_quotes import quotes_of_group
from market.models import Symbol
from market.quotes.quote import LatestQuotes, Quote, Quotes
from trading.backoffice.actions.close_preview import profit_of_closing
from trading.backoffice.actions.order_forms import LevelChanges
from trading.backoffice.order_words import order_words
from trading.models import Trade


def preview_change(trade: Trade, changes: LevelChanges) -> ActionPreview:
    """Return each level before and after, how near it is, and what it would close with."""
    return ChangePreview(trade, changes).preview()


def preview_cancel(trade: Trade) -> ActionPreview:
    """Return which order would be cancelled, and how far the market is from it."""
    symbol = find_instrument(trade.account.group_id, trade.symbol_id or "")
    quote = quotes_of_group(LatestQuotes(), trade.account.group).get(symbol.name)
    price = f"{trade.open_price:.{symbol.digits}f}"
    summary = f"Cancel {describe_order(trade)} at {price}."
    if quote is not None:
        market = quote.opening_price(trade.direction)
        points = format_points(symbol, market - trade.open_price)
        summary += f" The market is at {market:.{symbol.digits}f}, {points} away."
    return ActionPreview([("State", "pending", "cancelled")], summary=summary)


def describe_order(trade: Trade) -> str:
    """Return which order of whom: "order 76, buy 0.30 EURUSD, of 100001 Alice"."""
    return f"order {trade.order}, {order_words(trade)}, of {trade.account.user}"


def format_points(symbol: Symbol, distance: Decimal) -> str:
    """Return a distance of prices in points, without its sign."""
    return f"{abs(distance) / symbol.point:,.0f} points"


class ChangePreview:
    """The preview of one change, at the newest quotes."""

    def __init__(self, trade: Trade, changes: LevelChanges) -> None:
        self.trade, self.changes = trade, changes
        self.symbol = find_instrument(trade.account.group_id, trade.symbol_id or "")
        self.quotes: Quotes = quotes_of_group(LatestQuotes(), trade.account.group)
        self.open_price = changes.get("open_price", trade.open_price)

    def preview(self) -> ActionPreview:
        rows, sentences = [], []
        for name, short, label, before, after, describe in self._prices():
            if name not in self.changes:
                continue
            old, new = (format_price(price, self.symbol.digits) for price in (before, after))
            old, new = old if before else "none", new if after else "none"
            rows.append((label, old, new))
            details = describe(before, after) if after else ""
            sentences.append(f"{short} {old} → {new}{details}")
        if "expiration" in self.changes:
            times = (self.trade.expiration, self.changes["expiration"])
            old, new = (f"{format_utc(time)} UTC" if time else "never" for time in times)
            rows.append(("Expires", old, new))
            sentences.append(f"expires {old} → {new}")
        summary = f"Modify {describe_order(self.trade)}: {'; '.join(sentences)}."
        return ActionPreview(rows, summary=summary)

    def _prices(
        self,
    ) -> list[tuple[str, str, str, Decimal, Decimal, Callable[[Decimal, Decimal], str]]]:
        """Return name, short and long label, value before and after, and what describes it."""
        trade, changes = self.trade, self.changes
        return [
            ("open_price", "price", "Price", trade.open_price, self.open_price, self._of_price),
            ("sl", "SL", "Stop loss", trade.sl, changes.get("sl", trade.sl), self._of_level),
            ("tp", "TP", "Take profit", trade.tp, changes.get("tp", trade.tp), self._of_level),
        ]

    def _of_price(self, before: Decimal, after: Decimal) -> str:
        quote = self._quote()
        if quote is None:
            return ""
        market = quote.opening_price(self.trade.direction)
        return f" ({self._nearness(before, after, market, 'the market')})"

    def _of_level(self, before: Decimal, after: Decimal) -> str:
        """Return how near the level is, and the result of a close at it."""
        pending, quote = self.trade.is_pending, self._quote()
        near = ""
        if pending:
            near = self._nearness(before, after, self.open_price, "the order's price")
        elif quote is not None:
            price = quote.closing_price(self.trade.direction)
            near = self._nearness(before, after, price, "the price now")
        return f" ({'; '.join(part for part in (near, self._result_at(after)) if part)})"

    def _quote(self) -> Quote | None:
        return self.quotes.get(self.symbol.name)

    def _nearness(self, before: Decimal, after: Decimal, price: Decimal, of: str) -> str:
        """Return how much nearer a level comes to the price, and how far from it it is then."""
        distance = format_points(self.symbol, after - price)
        moved = abs(after - price) - abs(before - price)
        if not before or not moved:
            return f"{distance} from {of}"
        way = "nearer" if moved < 0 else "farther"
        return f"{format_points(self.symbol, moved)} {way}, {distance} from {of}"

    def _result_at(self, level: Decimal) -> str:
        currency = self.trade.account.group.currency
        try:
            profit = profit_of_closing(
                self.trade, level, self.trade.volume, self.quotes, open_price=self.open_price
            )
        except OffQuotes:
            return ""
        word = "loss" if profit < 0 else "profit"
        return f"would close with a {word} of {format_amount(abs(profit), currency)} {currency}"
