"""Staff actions that correct what was posted: always new rows that point to the old one."""

from decimal import Decimal
from typing import Any

from backoffice.acting.action import Action, Done, Sum
from backoffice.acting.forms import ActionForm
from backoffice.columns import amount
from backoffice.forms import PlainDecimalField
from trading import ledger, services
from trading.enums import FINANCE_CMDS
from trading.ledger import LIMIT
from trading.models import Trade
from trading.querysets import CLOSED_STATES
from trading.staff.rows import OnRows
from trading.staff.worth import if_much

CORRECT = "trading.correct"
READ = "The client reads it, as the comment of the new row."


class ReverseForm(ActionForm):
    """The reason alone; the client reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = READ


class CorrectForm(ReverseForm):
    """A signed amount and the reason."""

    amount = PlainDecimalField(
        max_digits=20,
        decimal_places=4,
        min_value=-LIMIT,
        max_value=LIMIT,
        help_text="In the account's currency; below 0 takes it from the client.",
    )


class Correction(OnRows):
    """An action on a posted row; its permission never covers the own account."""

    model = "trading.trade"
    right = CORRECT

    def allowed(self, user: Any, row: Any) -> bool:
        return row.account_id != user.pk and super().allowed(user, row)


class Correct(Correction):
    """An action that gives or takes an amount for a closed trade or a finance row."""

    name = "correct"
    title = "Correct"
    icon = "edit_note"
    form = CorrectForm

    def applies(self, row: Any) -> bool:
        return row.state in CLOSED_STATES

    def moves(self, row: Any, data: dict[str, Any]) -> Sum:
        return Sum(data["amount"], row.account.group.currency)

    def second_person(self, row: Any, data: dict[str, Any]) -> Sum | None:
        ledger.payable(row.account, abs(data["amount"]))
        return if_much(self.moves(row, data))

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        fixed = services.correct(
            login=row.account_id,
            order=row.order,
            amount=data["amount"],
            reason=data["reason"],
            staff=by,
        )
        return Done(f"{worth(fixed)} booked for order {row.order}.", fixed)


class Reverse(Correction):
    """An action that takes back what is not corrected yet of a deposit, withdrawal or credit."""

    name = "reverse"
    title = "Reverse"
    icon = "undo"
    form = ReverseForm
    danger = True

    def applies(self, row: Any) -> bool:
        return row.state in CLOSED_STATES and row.cmd in FINANCE_CMDS

    def moves(self, row: Any, data: dict[str, Any]) -> Sum:
        return Sum(services.left_of(row), row.account.group.currency)

    def second_person(self, row: Any, data: dict[str, Any]) -> Sum | None:
        return if_much(self.moves(row, data))

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        fixed = services.reverse(
            login=row.account_id, order=row.order, reason=data["reason"], staff=by
        )
        return Done(f"Order {row.order} reversed: {worth(fixed)} booked.", fixed)


def worth(row: Trade) -> str:
    """Return the amount of a finance row with its sign and currency."""
    signed: Decimal = row.profit
    return f"{amount(signed, row.account.group.currency)} {row.account.group.currency}"


CORRECTIONS: tuple[type[Action], ...] = (Correct, Reverse)
