"""What closing a position, or a part of it, would bring at the newest quotes."""

from copy import copy
from decimal import Decimal

from backoffice.actions.action import ActionPreview
from backoffice.columns import format_amount
from market import visibility
from market.catalog import current_converter, find_instrument, instrument_of
from market.group_quotes import quotes_of_group
from market.models import format_lots
from market.quotes.quote import LatestQuotes, Quotes
from trading.models import Trade
from trading.services import order_rules
from trading.valuation import partial_close
from trading.valuation.account import Valuation


def preview_close(trade: Trade, lots: int) -> ActionPreview:
    """Return the effect of closing `lots` (minimal lots) now; the price may differ when it is done.

    Raises:
        SymbolNotFound, BadVolume, ProhibitedByFifo, TradeDisabled, MarketClosed, OffQuotes: it
            would be refused.
    """
    account = trade.account
    stored = visibility.require_visible_symbol(None, trade.symbol_id or "")
    symbol = instrument_of(account.group_id, stored)
    order_rules.check_closing_volume(symbol, trade.volume, lots)
    same = Trade.objects.positions().filter(account=account, symbol=symbol.pk, cmd=trade.cmd)
    oldest = same.order_by("open_time", "order").values_list("order", flat=True).first()
    order_rules.check_fifo(account, lambda: None if oldest == trade.order else oldest)
    quotes = quotes_of_group(LatestQuotes(), account.group)
    quote = order_rules.require_session_quote(account, symbol, quotes)
    price = quote.closing_price(trade.direction)
    currency = account.group.currency
    profit = profit_of_closing(trade, price, lots, quotes)
    volume = format_lots(trade.volume)
    part = volume if lots == trade.volume else f"{format_lots(lots)} of {volume}"
    return ActionPreview(
        [("Open lots", volume, format_lots(trade.volume - lots))],
        summary=(
            f"Close {part} lots, {trade.kind.label} {symbol.name}, of {account.user} "
            f"at {price:.{symbol.digits}f}: profit {format_amount(profit, currency)} {currency}. "
            "The price when it is confirmed counts."
        ),
    )


def profit_of_closing(
    trade: Trade, price: Decimal, lots: int, quotes: Quotes, *, open_price: Decimal | None = None
) -> Decimal:
    """Return what closing `lots` (minimal lots) at the price would post, at these quotes' rates.

    A pending order is taken as one that was filled at `open_price`.

    Raises:
        OffQuotes: nothing converts it.
    """
    account, position = trade.account, copy(trade)
    position.symbol = find_instrument(account.group_id, trade.symbol_id or "")
    if open_price is not None:
        position.open_price = open_price
    valuation = Valuation(account, current_converter(), quotes, strict=True)
    result = valuation.profit(position, price, lots)
    share = partial_close.realised_share(trade.realized, result.amount, account.group.currency)
    return share.profit
