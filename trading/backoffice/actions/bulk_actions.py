"""Staff actions on many orders at once: all of a client, or all of a symbol."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

from django import forms

from accounts.models import Account, User
from audit.recording import AuditNote
from backoffice.actions.action import (
    Action,
    ActionPreview,
    ActionResult,
    AnyAction,
    ReasonAnswers,
    RecordNotes,
)
from backoffice.actions.forms import ActionForm
from backoffice.columns import format_amount
from core.money import ZERO
from market.models import Symbol
from trading import errors, services
from trading.backoffice.actions.trade_action import TradeAction
from trading.backoffice.trade_totals import totals_table
from trading.enums import TradeType
from trading.models import Trade
from trading.querysets import TradeQuerySet
from trading.services.live_orders import BulkResult, Failure
from trading.services.position_admission import COMMENT_LENGTH
from trading.services.symbol_orders import Decided
from trading.unit.portions import OnPortion

DEAL = "trading.deal"
MAX_ORDERS = 2000  # of a symbol, that one request closes or cancels
MOST_NAMED = 5  # orders that were left, in the message
NOTHING = {
    TradeType.OPEN: "there is no open position",
    TradeType.PENDING: "there is no pending order",
}


class CloseAllAnswers(ReasonAnswers):
    """What `CloseAllForm` asks."""

    comment: str


class CloseAllForm(ActionForm[Account]):
    """The comment of the closed positions."""

    comment = forms.CharField(
        required=False, max_length=COMMENT_LENGTH, help_text="The clients read it."
    )


def preview_orders(rows: TradeQuerySet, kind: TradeType, of: str) -> ActionPreview:
    """Return what would be closed or cancelled, by currency; `of` names the client or symbol.

    Raises:
        TradeNotFound: nothing.
    """
    if not rows.exists():
        raise errors.TradeNotFound(NOTHING[kind])
    table = totals_table(rows, kind, is_narrow=True)
    if table is None or not table.rows:
        return ActionPreview([("Orders", table.note if table else "", "none")])
    names = [header.removeprefix("#") for header in table.headers]
    lines = [
        ", ".join(f"{name.lower()} {value}" for name, value in zip(names, row, strict=True))
        for row in table.rows
    ]
    warnings = [table.note] if table.note else []
    title = "Open positions" if kind is TradeType.OPEN else "Pending orders"
    verb = "closes" if kind is TradeType.OPEN else "cancels"
    summary = f"This {verb} {rows.count()} {title.lower()} of {of}."
    return ActionPreview([(title, line, "none") for line in lines], warnings, summary)


def name_failures(failures: Sequence[Failure]) -> str:
    """Return why orders were left as they are, as text; empty without any."""
    if not failures:
        return ""
    named = "; ".join(
        f"order {one.order}: {one.error.form_message.rstrip('.')}" for one in failures[:MOST_NAMED]
    )
    more = f" and {len(failures) - MOST_NAMED} more" if len(failures) > MOST_NAMED else ""
    return f" Not so {len(failures)}: {named}{more}."


class CloseAll(TradeAction[Account, CloseAllAnswers]):
    """An action that closes all positions of a client."""

    model = "accounts.account"
    name = "close-all"
    title = "Close all positions"
    icon = "done_all"
    permission = DEAL
    form = CloseAllForm
    previews = danger = True

    def applies(self, obj: Account) -> bool:
        return Trade.objects.positions().filter(account=obj).exists()

    def preview(self, obj: Account, data: CloseAllAnswers) -> ActionPreview:
        return preview_orders(
            Trade.objects.positions().filter(account=obj), TradeType.OPEN, str(obj.user)
        )

    def run(self, actor: User, obj: Account, data: CloseAllAnswers) -> ActionResult:
        result = services.close_positions(login=obj.login, comment=data["comment"], staff=actor)
        net = sum((one.profit + one.commission + one.storage for one in result.changed), ZERO)
        text = f"{len(result.changed)} positions closed, net profit "
        text += f"{format_amount(net, obj.group.currency)}."
        return ActionResult(text + name_failures(result.failures), obj)


class CancelAll(TradeAction[Account, ReasonAnswers]):
    """An action that cancels all pending orders of a client."""

    model = "accounts.account"
    name = "cancel-all"
    title = "Cancel all orders"
    icon = "cancel"
    permission = DEAL
    previews = danger = True

    def applies(self, obj: Account) -> bool:
        return Trade.objects.pendings().filter(account=obj).exists()

    def preview(self, obj: Account, data: ReasonAnswers) -> ActionPreview:
        return preview_orders(
            Trade.objects.pendings().filter(account=obj), TradeType.PENDING, str(obj.user)
        )

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        result = services.cancel_pendings(login=obj.login, staff=actor)
        text = f"{len(result.changed)} orders cancelled."
        return ActionResult(text + name_failures(result.failures), obj)


class SymbolOrdersAction(Action[Symbol, CloseAllAnswers]):
    """The base of actions on a symbol's orders of all clients whom the user may see."""

    model = "market.symbol"
    permission = DEAL
    previews = danger = in_portions = True
    kind: ClassVar[TradeType]
    done: ClassVar[str]  # what is said of the orders afterwards

    def applies(self, obj: Symbol) -> bool:
        return Trade.objects.of_type(self.kind).filter(symbol=obj).exists()

    def orders(self, actor: User, symbol: Symbol) -> TradeQuerySet:
        """Return the orders that it is about, within the actor's staff scope."""
        rows = Trade.objects.of_type(self.kind).filter(symbol=symbol)
        return cast(TradeQuerySet, actor.limited(rows, group="account__group"))

    def preview_for(self, actor: User, obj: Symbol, data: CloseAllAnswers) -> ActionPreview:
        return preview_orders(self.orders(actor, obj), self.kind, f"all clients in {obj}")

    def decide(
        self,
        actor: User,
        symbol: Symbol,
        logins: set[int],
        data: CloseAllAnswers,
        on_portion: OnPortion[BulkResult],
    ) -> Decided:
        """Close or cancel the orders of these accounts."""
        raise NotImplementedError

    def run_in_portions(
        self, actor: User, obj: Symbol, data: CloseAllAnswers, record: RecordNotes
    ) -> ActionResult:
        orders = self.orders(actor, obj).order_by("account", "order")
        logins = set(orders.values_list("account", flat=True)[:MAX_ORDERS])
        accounts = Account.objects.select_related("user").in_bulk(logins)

        def record_portion(results: Mapping[int, BulkResult]) -> None:
            """Record for each account which orders were closed or cancelled."""
            changed = {
                login: [trade.order for trade in result.changed]
                for login, result in results.items()
                if result.changed
            }
            record(
                AuditNote(
                    self.name,
                    accounts[login],
                    data["reason"],
                    {},
                    {"symbol": obj.name, "orders": orders},
                )
                for login, orders in changed.items()
            )

        count, failures = 0, list[Failure]()
        for decided in self.decide(actor, obj, logins, data, record_portion):
            if decided.result is None:
                continue  # logged; the account is as it was
            count += len(decided.result.changed)
            failures += decided.result.failures
        left = self.orders(actor, obj).count() - len(failures)
        text = f"{count} orders of {obj} {self.done}.{name_failures(failures)}"
        text += f" {left} are left: do it again." if left > 0 else ""
        return ActionResult(text, obj)


class CloseSymbol(SymbolOrdersAction):
    """An action that closes all positions of a symbol."""

    name = "close-positions"
    title = "Close all positions"
    icon = "done_all"
    form = CloseAllForm
    kind, done = TradeType.OPEN, "closed"

    def decide(
        self,
        actor: User,
        symbol: Symbol,
        logins: set[int],
        data: CloseAllAnswers,
        on_portion: OnPortion[BulkResult],
    ) -> Decided:
        return services.close_symbol(
            symbol=symbol.name,
            logins=logins,
            staff=actor,
            on_portion=on_portion,
            comment=data["comment"],
        )


class CancelSymbol(SymbolOrdersAction):
    """An action that cancels all pending orders of a symbol."""

    name = "cancel-orders"
    title = "Cancel all orders"
    icon = "cancel"
    kind, done = TradeType.PENDING, "cancelled"

    def decide(
        self,
        actor: User,
        symbol: Symbol,
        logins: set[int],
        data: CloseAllAnswers,
        on_portion: OnPortion[BulkResult],
    ) -> Decided:
        return services.cancel_symbol(
            symbol=symbol.name, logins=logins, staff=actor, on_portion=on_portion
        )


BULK: tuple[type[AnyAction], ...] = (CloseAll, CancelAll, CloseSymbol, CancelSymbol)
