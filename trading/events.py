"""Stream events of trades and balances, with figures rounded for clients."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from accounts.enums import FloatingMode
from accounts.models import Account, Group
from core.money import ZERO, digits_of, round_amount
from realtime.events.types import EventCode, StreamEvent
from trading.models import Trade
from trading.valuation.account import Figures, counted_floating

LEVEL_DIGITS = 2


# Not frozen: that makes the many that a crowd needs three times as dear.
@dataclass(slots=True)
class BalanceEvent(StreamEvent):
    """The account's figures."""

    letter: ClassVar[str] = "b"
    login: int
    balance: Decimal
    margin: Decimal
    margin_free: Decimal
    margin_level: Decimal
    equity: Decimal
    credit: Decimal
    level_type: int
    profit: Decimal
    code: int


@dataclass(slots=True)
class TradeEvent(StreamEvent):
    """A trade or a finance operation; tp stands before sl on the wire."""

    letter: ClassVar[str] = "o"
    order: int
    login: int
    symbol: str
    cmd: int
    volume: int
    open_price: Decimal
    close_price: Decimal
    open_time: int
    close_time: int
    tp: Decimal
    sl: Decimal
    state: int
    storage: Decimal
    commission: Decimal
    profit: Decimal
    comment: str
    code: int


def trade_event(trade: Trade, code: EventCode) -> TradeEvent:
    """Return the event for a trade as its row stands."""
    return TradeEvent(
        order=trade.order,
        login=trade.account_id,
        symbol=trade.symbol_id or "",
        cmd=trade.cmd,
        volume=trade.volume,
        open_price=trade.open_price,
        close_price=trade.close_price,
        open_time=trade.open_time,
        close_time=trade.close_time,
        tp=trade.tp,
        sl=trade.sl,
        state=trade.state,
        storage=trade.storage,
        commission=trade.commission,
        profit=trade.profit,
        comment=trade.comment,
        code=code,
    )


def balance_event(account: Account, figures: Figures) -> BalanceEvent:
    """Return the event with the account's figures, rounded as clients see them."""
    amounts = rounded_figures(account.group, figures)
    return BalanceEvent(
        login=account.login,
        balance=amounts["balance"],
        margin=amounts["margin"],
        margin_free=amounts["margin_free"],
        margin_level=amounts["margin_level"],
        equity=amounts["equity"],
        credit=amounts["credit"],
        level_type=figures.level_type,
        profit=amounts["profit"],
        code=EventCode.UPDATE,
    )


def rounded_figures(group: Group, figures: Figures) -> dict[str, Decimal]:
    """Round figures to the digits of the group's currency; margin level 0 stands for none.

    The free margin is computed from the rounded figures: rounded by itself it could be one
    unit off (domain.md, notation).
    """
    names = (
        "balance", "credit", "profit", "storage", "commission", "equity", "margin",
    )  # fmt: skip
    digits = digits_of(group.currency)
    amounts = {name: round_amount(getattr(figures, name), digits) for name in names}
    floating = figures.profit + figures.storage + figures.commission
    is_all_counted = counted_floating(FloatingMode(group.margin_mode), floating) == floating
    base = amounts["equity"] if is_all_counted else amounts["balance"] + amounts["credit"]
    return amounts | {
        "margin_free": base - amounts["margin"],
        "margin_level": rounded_level(figures),
    }


def rounded_level(figures: Figures) -> Decimal:
    """Return the margin level in percent with two decimals; 0 stands for none."""
    return ZERO if figures.level is None else round_amount(figures.level, LEVEL_DIGITS)
