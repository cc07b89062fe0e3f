"""Staff actions of dealers: open, close, modify and cancel, by the services that clients use."""

from typing import Any

from backoffice.acting.action import Action, Done, Preview
from backoffice.columns import NOTHING, amount, price
from core.money import ZERO
from market.models import format_lots
from market.quotes import LatestQuotes
from trading import services
from trading.enums import FINANCE_CMDS, PENDING_CMDS, State
from trading.events import shown_figures, shown_level
from trading.models import Trade
from trading.services.drafts import Request
from trading.staff.corrections import CORRECTIONS
from trading.staff.order_forms import CloseForm, ModifyForm, OpenForm, changes, minimal, seconds
from trading.staff.rows import OnRows
from trading.valuation import current

DEAL = "trading.deal"


class Open(OnRows):
    """An action that opens a market or pending order; its costs and effects are shown first."""

    model = "accounts.account"
    name = "open-trade"
    title = "Open a trade"
    icon = "add_chart"
    right = DEAL
    form = OpenForm
    previews = True

    def preview(self, row: Any, data: dict[str, Any]) -> Preview:
        quotes = LatestQuotes()
        asked = Request(**ordered(data), dealer=True)
        foreseen, refusal = services.foresee(account=row, asked=asked, quotes=quotes)
        if refusal:
            raise refusal
        figures = current(row, quotes)
        before = shown_figures(row.group, figures)

        def money(value: Any) -> str:
            return amount(value or ZERO, row.group.currency)

        used, free = before["margin"], before["margin_free"]
        level, level_after = (
            f"{level} %" if level else NOTHING
            for level in (shown_level(figures), foreseen.margin_level_after)
        )
        return Preview(
            [
                ("Price", NOTHING, price(foreseen.price)),
                ("Commission", NOTHING, money(foreseen.commission)),
                ("Margin", money(used), money(foreseen.margin_after)),
                ("Free margin", money(free), money(foreseen.margin_free_after)),
                ("Margin level", level, level_after),
            ],
            ["These are the figures at the order's price."] if data["cmd"] in PENDING_CMDS else [],
        )

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        asked = ordered(data)
        if asked["cmd"] not in PENDING_CMDS:
            del asked["expiration"]
            asked["open_price"] = None
            trade = services.open_market(login=row.login, staff=by, **asked)
        else:
            trade = services.open_pending(login=row.login, staff=by, **asked)
        at = price(trade.open_price)
        return Done(f"Order {trade.order}: {said(trade)} at {at}.", trade)


class Close(OnRows):
    """An action that closes a position, or a part of it."""

    model = "trading.trade"
    name = "close"
    title = "Close"
    icon = "done_all"
    right = DEAL
    form = CloseForm
    danger = True

    def applies(self, row: Any) -> bool:
        return bool(row.is_position)

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        closed = services.close(
            login=row.account_id,
            order=row.order,
            volume=minimal(data["lots"]),
            comment=data["comment"],
            staff=by,
        )
        profit = amount(closed.profit, row.account.group.currency)
        at = price(closed.close_price)
        return Done(f"{said(closed)} closed at {at}, profit {profit}.", closed)


class Modify(OnRows):
    """An action that modifies a position's levels; of a pending order price and expiration too."""

    model = "trading.trade"
    name = "modify"
    title = "Modify"
    icon = "tune"
    right = DEAL
    form = ModifyForm

    def applies(self, row: Any) -> bool:
        return bool(row.state == State.OPEN and row.cmd not in FINANCE_CMDS)

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        modify = services.modify_pending if row.is_pending else services.modify_position
        asked = changes(row, data)
        changed = modify(login=row.account_id, order=row.order, staff=by, **asked)
        return Done(f"Order {row.order} modified.", changed)


class Cancel(OnRows):
    """An action that cancels a pending order."""

    model = "trading.trade"
    name = "cancel"
    title = "Cancel"
    icon = "cancel"
    right = DEAL
    danger = True

    def applies(self, row: Any) -> bool:
        return bool(row.is_pending)

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        gone = services.cancel(login=row.account_id, order=row.order, staff=by)
        return Done(f"Order {row.order} cancelled.", gone)


def ordered(data: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of the form as the services take them."""
    return {
        "cmd": data["cmd"],
        "symbol": data["symbol"],
        "volume": minimal(data["lots"]),
        "sl": data["sl"] or ZERO,
        "tp": data["tp"] or ZERO,
        "open_price": data["price"],
        "expiration": seconds(data["expiration"]),
        "comment": data["comment"],
    }


def said(trade: Trade) -> str:
    """Return an order as text, for example "buy 0.10 EURUSD"."""
    return f"{trade.kind.label} {format_lots(trade.volume)} {trade.symbol_id}"


TRADES: tuple[type[Action], ...] = (Open, Close, Modify, Cancel, *CORRECTIONS)
