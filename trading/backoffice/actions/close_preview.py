"""What closing a position, or a part of it, would bring at the newest quotes."""

from backoffice.actions.action import ActionPreview
from backoffice.columns import format_amount
from market.catalog import current_converter, find_instrument
from market.group_quotes import quotes_of_group
from market.models import format_lots
from market.quotes.quote import LatestQuotes
from trading.models import Trade
from trading.services import order_rules
from trading.valuation import partial_close
from trading.valuation.account import Valuation


def preview_close(trade: Trade, lots: int) -> ActionPreview:
    """Return the effect of closing `lots` (minimal lots) now; the price may differ when it is done.

    Raises:
        BadVolume, TradeDisabled, MarketClosed, OffQuotes: it would be refused.
    """
    account = trade.account
    symbol = find_instrument(account.group_id, trade.symbol_id or "")
    order_rules.check_closing_volume(symbol, trade.volume, lots)
    quotes = quotes_of_group(LatestQuotes(), account.group)
    quote = order_rules.require_session_quote(account, symbol, quotes)
    price = quote.closing_price(trade.direction)
    valuation = Valuation(account, current_converter(), quotes, strict=True)
    currency = account.group.currency
    result = valuation.profit(trade, price, lots)
    profit = partial_close.realised_share(trade.realized, result.amount, currency).profit
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
