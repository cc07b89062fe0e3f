"""Staff actions that correct what was posted: always new rows that point to the old one."""

from collections.abc import Mapping
from decimal import Decimal

from accounts.models import User
from backoffice.actions.action import (
    ActionPreview,
    ActionResult,
    Answers,
    AnyAction,
    Money,
    ReasonAnswers,
)
from backoffice.actions.forms import ActionForm
from backoffice.columns import format_amount
from trading import services
from trading.backoffice.actions.approval_limit import above_approval_limit
from trading.backoffice.actions.quantity_fields import amount_field
from trading.backoffice.actions.repeated_sums import ask_about_booked, ask_about_waiting
from trading.backoffice.actions.trade_action import TradeAction
from trading.backoffice.clients.money_preview import format_sum, preview_money
from trading.enums import CREDIT_CMDS, FINANCE_CMDS
from trading.models import Trade
from trading.querysets import CLOSED_STATES
from trading.services import ledger

CORRECT = "trading.correct"
READ_BY_CLIENT = "The client reads it, as the comment of the new row."


class CorrectAnswers(ReasonAnswers):
    """What `CorrectForm` asks."""

    amount: Decimal


class ReverseForm(ActionForm[Trade]):
    """The reason alone; the client reads it."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Trade, actor: User
    ) -> None:
        super().__init__(data, obj=obj, actor=actor)
        self.fields["reason"].help_text = READ_BY_CLIENT


class CorrectForm(ReverseForm):
    """A signed amount and the reason."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Trade, actor: User
    ) -> None:
        super().__init__(data, obj=obj, actor=actor)
        self.fields["amount"] = amount_field(
            obj.account.group.currency, signed=True, help_text="Below 0 takes it from the client."
        )
        self.order_fields(["amount"])


class CorrectionAction(TradeAction[Trade, Answers]):
    """An action on a posted row; its permission never covers the own account."""

    model = "trading.trade"
    permission = CORRECT
    previews = True

    def allowed(self, user: User, obj: Trade) -> bool:
        return obj.account_id != user.pk and super().allowed(user, obj)

    def preview_amount(self, obj: Trade, amount: Decimal, deed: str) -> ActionPreview:
        """Return what the signed amount does to the account that the order belongs to."""
        part = "credit" if obj.cmd in CREDIT_CMDS else "balance"
        return preview_money(obj.account, deed, **{part: amount})


class Correct(CorrectionAction[CorrectAnswers]):
    """An action that gives or takes an amount for a closed trade or a finance row."""

    name = "correct"
    title = "Correct"
    icon = "edit_note"
    form = CorrectForm

    def applies(self, obj: Trade) -> bool:
        return obj.state in CLOSED_STATES

    def amount_moved(self, obj: Trade, data: CorrectAnswers) -> Money:
        return Money(data["amount"], obj.account.group.currency)

    def approval_needed(self, obj: Trade, data: CorrectAnswers) -> Money | None:
        ledger.check_amount(obj.account, abs(data["amount"]))
        return above_approval_limit(self.amount_moved(obj, data))

    def preview(self, obj: Trade, data: CorrectAnswers) -> ActionPreview:
        amount = data["amount"]
        moved = format_sum(abs(amount), obj.account.group.currency)
        verb = f"Give {moved} to" if amount > 0 else f"Take {moved} from"
        return self.preview_amount(obj, amount, f"{verb} {obj.account.user} for order {obj.order}")

    def questions(self, obj: Trade, data: CorrectAnswers) -> list[str]:
        """Ask about the same correction of the order within the last minute, or waiting."""
        booked = Trade.objects.filter(corrects=obj.pk, profit=data["amount"])
        return [
            *ask_about_booked(booked),
            *ask_about_waiting(obj.account_id, self.name, data["amount"]),
        ]

    def run(self, actor: User, obj: Trade, data: CorrectAnswers) -> ActionResult:
        correction = services.correct_entry(
            login=obj.account_id,
            order=obj.order,
            amount=data["amount"],
            reason=data["reason"],
            staff=actor,
        )
        return ActionResult(
            f"{format_finance_amount(correction)} booked for order {obj.order}.", correction
        )


class Reverse(CorrectionAction[ReasonAnswers]):
    """An action that takes back what is not corrected yet of a deposit, withdrawal or credit."""

    name = "reverse"
    title = "Reverse"
    icon = "undo"
    form = ReverseForm
    danger = True

    def applies(self, obj: Trade) -> bool:
        return obj.state in CLOSED_STATES and obj.cmd in FINANCE_CMDS

    def amount_moved(self, obj: Trade, data: ReasonAnswers) -> Money:
        return Money(services.remaining_amount(obj), obj.account.group.currency)

    def approval_needed(self, obj: Trade, data: ReasonAnswers) -> Money | None:
        return above_approval_limit(self.amount_moved(obj, data))

    def preview(self, obj: Trade, data: ReasonAnswers) -> ActionPreview:
        amount = -services.remaining_amount(obj)
        moved = format_sum(abs(amount), obj.account.group.currency)
        verb = f"Give {moved} back to" if amount > 0 else f"Take {moved} back from"
        return self.preview_amount(
            obj, amount, f"{verb} {obj.account.user}, reversing order {obj.order}"
        )

    def run(self, actor: User, obj: Trade, data: ReasonAnswers) -> ActionResult:
        correction = services.reverse_operation(
            login=obj.account_id, order=obj.order, reason=data["reason"], staff=actor
        )
        return ActionResult(
            f"Order {obj.order} reversed: {format_finance_amount(correction)} booked.", correction
        )


def format_finance_amount(trade: Trade) -> str:
    """Return the amount of a finance row with its sign and currency."""
    signed: Decimal = trade.profit
    return f"{format_amount(signed, trade.account.group.currency)} {trade.account.group.currency}"


CORRECTIONS: tuple[type[AnyAction], ...] = (Correct, Reverse)
