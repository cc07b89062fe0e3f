"""Staff actions of dealers: open, close, modify and cancel, by the services that clients use."""

from decimal import Decimal
from typing import TypedDict

from accounts.models import Account, User
from backoffice.actions.action import ActionPreview, ActionResult, AnyAction, ReasonAnswers
from backoffice.columns import NO_VALUE, format_amount, format_price
from core.money import ZERO
from market.quotes.quote import LatestQuotes
from trading import services
from trading.backoffice.actions.change_preview import preview_cancel, preview_change
from trading.backoffice.actions.close_preview import preview_close
from trading.backoffice.actions.correction_actions import CORRECTIONS
from trading.backoffice.actions.order_forms import (
    CloseAnswers,
    CloseForm,
    ModifyAnswers,
    ModifyForm,
    OpenAnswers,
    OpenForm,
    changed_levels,
    to_unix_seconds,
)
from trading.backoffice.actions.quantity_fields import to_minimal_lots
from trading.backoffice.actions.trade_action import TradeAction
from trading.backoffice.order_words import order_words
from trading.enums import FINANCE_CMDS, PENDING_CMDS, State
from trading.events import rounded_figures, rounded_level
from trading.models import Trade
from trading.services.order_request import OrderRequest
from trading.valuation.account import current_figures

DEAL = "trading.deal"


class OpenTrade(TradeAction[Account, OpenAnswers]):
    """An action that opens a market or pending order; its costs and effects are shown first."""

    model = "accounts.account"
    name = "open-trade"
    title = "Open a trade"
    icon = "add_chart"
    permission = DEAL
    form = OpenForm
    previews = True

    def preview(self, obj: Account, data: OpenAnswers) -> ActionPreview:
        quotes = LatestQuotes()
        request = OrderRequest(
            **service_arguments(data),
            open_price=data["price"],
            expiration=to_unix_seconds(data["expiration"]),
            dealer=True,
        )
        outcome, refusal = services.estimate_order(account=obj, request=request, quotes=quotes)
        if refusal:
            raise refusal
        figures = current_figures(obj, quotes)
        before = rounded_figures(obj.group, figures)

        def money(value: Decimal | None) -> str:
            return format_amount(value or ZERO, obj.group.currency)

        used, free = before["margin"], before["margin_free"]
        level, level_after = (
            f"{level} %" if level else NO_VALUE
            for level in (rounded_level(figures), outcome.margin_level_after)
        )
        return ActionPreview(
            [
                ("Price", NO_VALUE, format_price(outcome.price)),
                ("Commission", NO_VALUE, money(outcome.commission)),
                ("Margin", money(used), money(outcome.margin_after)),
                ("Free margin", money(free), money(outcome.margin_free_after)),
                ("Margin level", level, level_after),
            ],
            ["These are the figures at the order's price."] if data["cmd"] in PENDING_CMDS else [],
        )

    def run(self, actor: User, obj: Account, data: OpenAnswers) -> ActionResult:
        arguments = service_arguments(data)
        if data["cmd"] not in PENDING_CMDS:
            trade = services.open_market(login=obj.login, staff=actor, **arguments)
        else:
            trade = services.open_pending(
                login=obj.login,
                open_price=data["price"] or ZERO,
                expiration=to_unix_seconds(data["expiration"]),
                staff=actor,
                **arguments,
            )
        open_price = format_price(trade.open_price)
        return ActionResult(f"Order {trade.order}: {order_words(trade)} at {open_price}.", trade)


class CloseTrade(TradeAction[Trade, CloseAnswers]):
    """An action that closes a position, or a part of it."""

    model = "trading.trade"
    name = "close"
    on_row = True
    title = "Close"
    icon = "done_all"
    permission = DEAL
    form = CloseForm
    danger = True
    previews = True

    def applies(self, obj: Trade) -> bool:
        return bool(obj.is_position)

    def preview(self, obj: Trade, data: CloseAnswers) -> ActionPreview:
        return preview_close(obj, to_minimal_lots(data["lots"]))

    def run(self, actor: User, obj: Trade, data: CloseAnswers) -> ActionResult:
        closed = services.close_position(
            login=obj.account_id,
            order=obj.order,
            volume=to_minimal_lots(data["lots"]),
            comment=data["comment"],
            staff=actor,
        )
        profit = format_amount(closed.profit, obj.account.group.currency)
        close_price = format_price(closed.close_price)
        return ActionResult(
            f"{order_words(closed)} closed at {close_price}, profit {profit}.", closed
        )


class ModifyTrade(TradeAction[Trade, ModifyAnswers]):
    """An action that modifies a position's levels; of a pending order price and expiration too."""

    model = "trading.trade"
    name = "modify"
    on_row = True
    title = "Modify"
    icon = "tune"
    permission = DEAL
    form = ModifyForm
    previews = True

    def applies(self, obj: Trade) -> bool:
        return bool(obj.state == State.OPEN and obj.cmd not in FINANCE_CMDS)

    def preview(self, obj: Trade, data: ModifyAnswers) -> ActionPreview:
        return preview_change(obj, changed_levels(obj, data))

    def run(self, actor: User, obj: Trade, data: ModifyAnswers) -> ActionResult:
        login, order, levels = obj.account_id, obj.order, changed_levels(obj, data)
        if obj.is_pending:
            changed = services.modify_pending(login=login, order=order, staff=actor, **levels)
        else:
            sl, tp = levels.get("sl"), levels.get("tp")
            changed = services.modify_position(login=login, order=order, staff=actor, sl=sl, tp=tp)
        return ActionResult(f"Order {obj.order} modified.", changed)


class CancelOrder(TradeAction[Trade, ReasonAnswers]):
    """An action that cancels a pending order."""

    model = "trading.trade"
    name = "cancel"
    on_row = True
    title = "Cancel"
    icon = "cancel"
    permission = DEAL
    danger = True
    previews = True

    def applies(self, obj: Trade) -> bool:
        return bool(obj.is_pending)

    def preview(self, obj: Trade, data: ReasonAnswers) -> ActionPreview:
        return preview_cancel(obj)

    def run(self, actor: User, obj: Trade, data: ReasonAnswers) -> ActionResult:
        cancelled = services.cancel_pending(login=obj.account_id, order=obj.order, staff=actor)
        return ActionResult(f"Order {obj.order} cancelled.", cancelled)


class OrderArguments(TypedDict):
    """What market and pending orders have in common, as the services take it."""

    cmd: int
    symbol: str
    volume: int
    sl: Decimal
    tp: Decimal
    comment: str


def service_arguments(data: OpenAnswers) -> OrderArguments:
    """Return the answers of the form but for price and expiration, as the services take them."""
    return {
        "cmd": data["cmd"],
        "symbol": data["symbol"],
        "volume": to_minimal_lots(data["lots"]),
        "sl": data["sl"] or ZERO,
        "tp": data["tp"] or ZERO,
        "comment": data["comment"],
    }


TRADES: tuple[type[AnyAction], ...] = (
    OpenTrade,
    CloseTrade,
    ModifyTrade,
    CancelOrder,
    *CORRECTIONS,
)
