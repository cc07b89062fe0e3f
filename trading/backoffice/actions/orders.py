"""Staff actions of dealers: open, close, modify and cancel, by the services that clients use."""

from typing import Any

from backoffice.actions.action import Action, ActionPreview, ActionResult
from backoffice.columns import NO_VALUE, format_amount, format_price
from core.money import ZERO
from market.models import format_lots
from market.quotes.quote import LatestQuotes
from trading import services
from trading.backoffice.actions.correction_actions import CORRECTIONS
from trading.backoffice.actions.order_forms import (
    CloseForm,
    ModifyForm,
    OpenForm,
    changed_levels,
    to_minimal_lots,
    to_unix_seconds,
)
from trading.backoffice.actions.trade_action import TradeAction
from trading.enums import FINANCE_CMDS, PENDING_CMDS, State
from trading.events import rounded_figures, rounded_level
from trading.models import Trade
from trading.services.order_request import OrderRequest
from trading.valuation.account import current_figures

DEAL = "trading.deal"


class OpenTrade(TradeAction):
    """An action that opens a market or pending order; its costs and effects are shown first."""

    model = "accounts.account"
    name = "open-trade"
    title = "Open a trade"
    icon = "add_chart"
    permission = DEAL
    form = OpenForm
    previews = True

    def preview(self, obj: Any, data: dict[str, Any]) -> ActionPreview:
        quotes = LatestQuotes()
        request = OrderRequest(**service_arguments(data), dealer=True)
        outcome, refusal = services.estimate_order(account=obj, request=request, quotes=quotes)
        if refusal:
            raise refusal
        figures = current_figures(obj, quotes)
        before = rounded_figures(obj.group, figures)

        def money(value: Any) -> str:
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

    def run(self, actor: Any, obj: Any, data: dict[str, Any]) -> ActionResult:
        arguments = service_arguments(data)
        if arguments["cmd"] not in PENDING_CMDS:
            del arguments["expiration"]
            arguments["open_price"] = None
            trade = services.open_market(login=obj.login, staff=actor, **arguments)
        else:
            trade = services.open_pending(login=obj.login, staff=actor, **arguments)
        open_price = format_price(trade.open_price)
        return ActionResult(f"Order {trade.order}: {format_order(trade)} at {open_price}.", trade)


class CloseTrade(TradeAction):
    """An action that closes a position, or a part of it."""

    model = "trading.trade"
    name = "close"
    title = "Close"
    icon = "done_all"
    permission = DEAL
    form = CloseForm
    danger = True

    def applies(self, obj: Any) -> bool:
        return bool(obj.is_position)

    def run(self, actor: Any, obj: Any, data: dict[str, Any]) -> ActionResult:
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
            f"{format_order(closed)} closed at {close_price}, profit {profit}.", closed
        )


class ModifyTrade(TradeAction):
    """An action that modifies a position's levels; of a pending order price and expiration too."""

    model = "trading.trade"
    name = "modify"
    title = "Modify"
    icon = "tune"
    permission = DEAL
    form = ModifyForm

    def applies(self, obj: Any) -> bool:
        return bool(obj.state == State.OPEN and obj.cmd not in FINANCE_CMDS)

    def run(self, actor: Any, obj: Any, data: dict[str, Any]) -> ActionResult:
        modify = services.modify_pending if obj.is_pending else services.modify_position
        levels = changed_levels(obj, data)
        changed = modify(login=obj.account_id, order=obj.order, staff=actor, **levels)
        return ActionResult(f"Order {obj.order} modified.", changed)


class CancelOrder(TradeAction):
    """An action that cancels a pending order."""

    model = "trading.trade"
    name = "cancel"
    title = "Cancel"
    icon = "cancel"
    permission = DEAL
    danger = True

    def applies(self, obj: Any) -> bool:
        return bool(obj.is_pending)

    def run(self, actor: Any, obj: Any, data: dict[str, Any]) -> ActionResult:
        cancelled = services.cancel_pending(login=obj.account_id, order=obj.order, staff=actor)
        return ActionResult(f"Order {obj.order} cancelled.", cancelled)


def service_arguments(data: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of the form as the services take them."""
    return {
        "cmd": data["cmd"],
        "symbol": data["symbol"],
        "volume": to_minimal_lots(data["lots"]),
        "sl": data["sl"] or ZERO,
        "tp": data["tp"] or ZERO,
        "open_price": data["price"],
        "expiration": to_unix_seconds(data["expiration"]),
        "comment": data["comment"],
    }


def format_order(trade: Trade) -> str:
    """Return an order as text, for example "buy 0.10 EURUSD"."""
    return f"{trade.kind.label} {format_lots(trade.volume)} {trade.symbol_id}"


TRADES: tuple[type[Action], ...] = (OpenTrade, CloseTrade, ModifyTrade, CancelOrder, *CORRECTIONS)
