"""The columns of the lists of trades by kind: those that matter."""

from collections.abc import Callable
from decimal import Decimal

from backoffice.columns import (
    NO_VALUE,
    Column,
    exact_amount,
    exact_price,
    field_column,
    format_amount,
    format_price,
    money_column,
    time_column,
    tone_of,
)
from backoffice.pages.client_columns import lead_to_client, login_column
from core.json import plain_digits
from market.backoffice.price_columns import symbol_prices
from market.catalog import digits_of_symbol
from market.models import LOT, format_lots
from trading.backoffice import floating_profit
from trading.backoffice.order_words import cause_word, state_word, type_word
from trading.enums import Activation, Cmd, State, TradeType
from trading.models import Trade

CURRENCY = "account.group.currency"


def lots_column(field: str, title: str = "") -> Column:
    """Return a column of minimal lots, displayed in lots."""
    return field_column(
        field,
        title or field.replace("_", " "),
        lambda volume: format_lots(volume) if volume else NO_VALUE,
        export_value=lambda volume: volume / LOT,
        css_class="number",
    )


def profit_of_row(trade: Trade) -> Decimal | None:
    """Return the posted profit, or the floating one of a position.

    None where it is unknown, and of a pending order.
    """
    if trade.is_position:
        return getattr(trade, floating_profit.FLOATING, None)
    return None if trade.is_pending else trade.profit


def profit_column() -> Column:
    """Return the column of posted and floating profits."""

    def profit(trade: Trade) -> str:
        value = profit_of_row(trade)
        return NO_VALUE if value is None else format_amount(value, trade.account.group.currency)

    def export_profit(trade: Trade) -> Decimal | None:
        value = profit_of_row(trade)
        return None if value is None else exact_amount(value, trade.account.group.currency)

    result: Column = profit
    result.short_description, result.number = "profit", export_profit
    result.css_class, result.tone = "number", lambda trade: tone_of(profit_of_row(trade))
    return result


def price_now(trade: Trade) -> Decimal | None:
    """Return the present price of a live order, None of others and where there is none."""
    price: Decimal | None = getattr(trade, floating_profit.PRICE_NOW, None)
    return price


def last_price(trade: Trade) -> Decimal | None:
    """Return the present price of a live order, of others that at which it was closed."""
    return price_now(trade) if trade.is_position or trade.is_pending else trade.close_price


def last_price_column(title: str) -> Column:
    """Return the column of present prices, or of closing prices where an order has ended."""

    def price(trade: Trade) -> str:
        return format_price(last_price(trade), digits_of_symbol(trade.symbol_id))

    result: Column = price
    result.short_description, result.css_class = title, "number"
    result.number = lambda trade: exact_price(last_price(trade), digits_of_symbol(trade.symbol_id))
    return result


def distance_column(title: str, level: Callable[[Trade], Decimal]) -> Column:
    """Return a column of the points between the present price and a level of a live order."""

    def points(trade: Trade) -> int | None:
        price, at, digits = price_now(trade), level(trade), digits_of_symbol(trade.symbol_id)
        if not price or not at or digits is None:
            return None
        return int((abs(price - at).scaleb(digits)).to_integral_value())

    def distance(trade: Trade) -> str:
        value = points(trade)
        return NO_VALUE if value is None else f"{value:,}"

    result: Column = distance
    result.short_description, result.css_class, result.number = title, "number", points
    return result


CLIENT = (
    login_column("account_id"),
    lead_to_client(
        field_column("account.user.name", "client", str, css_class="name"), "account_id"
    ),
)
SYMBOL = field_column("symbol_id", "symbol", lambda name: name or "")
# Exports keep the labels of the contract.
TYPE = field_column("cmd", "type", type_word, export_value=lambda cmd: str(Cmd(cmd).label))
STATE = field_column("state", "state", state_word, export_value=lambda n: str(State(n).label))
CAUSE = field_column(
    "activation", "cause", cause_word, export_value=lambda n: str(Activation(n).label)
)
CAUSE.export_title = "activation"
POSTING = field_column("cmd", "type", type_word, export_value=lambda cmd: str(Cmd(cmd).label))
POSTING.export_title = "cmd"
WHAT = (SYMBOL, TYPE)
COSTS = [
    money_column("commission", "comm.", CURRENCY),
    money_column("storage", "swap", CURRENCY),
]
COSTS_IN_WORDS = (
    money_column("commission", "commission", CURRENCY),
    money_column("storage", "swap", CURRENCY),
)
MARGIN_RATE = field_column("margin_rate", "margin rate", plain_digits)
MARKUP = money_column("markup", "mark-up", CURRENCY)  # part of the profit
PROFIT, VOLUME = profit_column(), lots_column("volume", "lots")
OPENED, CLOSED = time_column("open_time", "opened"), time_column("close_time", "closed")
OPEN_PRICE, CLOSE_PRICE, SL, TP = symbol_prices("open_price", "close_price", "sl", "tp")
TO_SL = distance_column("to SL", lambda trade: trade.sl)
TO_TP = distance_column("to TP", lambda trade: trade.tp)
TO_OPEN = distance_column("points away", lambda trade: trade.open_price)
COLUMNS: dict[TradeType, tuple[Column, ...]] = {
    TradeType.ALL: (
        "order", *CLIENT, *WHAT, STATE, VOLUME, OPEN_PRICE, last_price_column("now/close"),
        SL, TP, PROFIT, OPENED, CLOSED,
    ),
    TradeType.OPEN: (
        "order", *CLIENT, *WHAT, VOLUME, OPENED, OPEN_PRICE, last_price_column("now"),
        SL, TO_SL, TP, TO_TP, *COSTS, PROFIT,
    ),
    TradeType.PENDING: (
        "order", *CLIENT, *WHAT, VOLUME, time_column("open_time", "placed"),
        OPEN_PRICE, last_price_column("now"), TO_OPEN, SL, TP,
        time_column("expiration", "expires"), "comment",
    ),
    TradeType.CLOSED: (
        "order", *CLIENT, *WHAT, STATE, VOLUME, OPENED, OPEN_PRICE, CLOSED, CLOSE_PRICE,
        CAUSE, *COSTS, PROFIT,
    ),
    TradeType.FINANCE: (
        "order", *CLIENT, POSTING, time_column("open_time", "booked"),
        money_column("profit", "amount", CURRENCY, toned=True),
        "comment", field_column("staff_id", "by staff", lambda staff: str(staff or NO_VALUE)),
        field_column("corrects_id", "corrects", lambda order: str(order or NO_VALUE)),
    ),
}  # fmt: skip
EXPORT_COLUMNS: tuple[Column, ...] = (
    MARKUP,
    field_column("account.group.name", "group", str),
    field_column(CURRENCY, "currency", str),
)
