"""Staff actions on an account's money and terms."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from django import forms

from accounts.backoffice.actions import AccountAction
from accounts.models import Account, Group, User
from backoffice.actions.action import ActionPreview, ActionResult, AnyAction, Money, ReasonAnswers
from backoffice.actions.forms import ActionForm
from backoffice.columns import format_amount
from backoffice.form_fields import RowChoiceField, WholeNumberField, offer_rows
from market.errors import OffQuotes
from market.quotes.quote import LatestQuotes
from trading import services
from trading.backoffice.actions.approval_limit import above_approval_limit
from trading.backoffice.actions.quantity_fields import amount_field
from trading.backoffice.actions.repeated_sums import ask_about_booked, ask_about_waiting
from trading.backoffice.clients.money_preview import format_level, format_sum, preview_money
from trading.enums import CREDIT_CMDS, Cmd, LevelType
from trading.events import rounded_figures
from trading.models import Trade
from trading.services import ledger
from trading.services.account_terms import check_terms, figures_with_terms
from trading.valuation.account import Figures, current_figures


class AmountAnswers(ReasonAnswers):
    """What `AmountForm` asks."""

    amount: Decimal
    comment: str


class AmountForm(ActionForm[Account]):
    """An amount in the account's currency; the client sees the comment, the reason only staff."""

    comment = forms.CharField(
        max_length=128, required=False, help_text="The client sees it; the reason only staff see."
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Account, actor: User
    ) -> None:
        super().__init__(data, obj=obj, actor=actor)
        self.fields["amount"] = amount_field(obj.group.currency)
        self.order_fields(["amount"])


class MoneyAction(AccountAction[AmountAnswers]):
    """An action that posts one finance row; above a limit another person has to approve it."""

    permission = "accounts.move_money"
    form = AmountForm
    previews = True
    cmd: ClassVar[Cmd]
    deed: ClassVar[str]  # what is done, for the sentence of the preview
    done_text: ClassVar[str]

    def allowed(self, user: User, obj: Account) -> bool:
        """Return whether this user may act on the account: never on the own one."""
        return obj.pk != user.pk and super().allowed(user, obj)

    def amount_moved(self, obj: Account, data: AmountAnswers) -> Money:
        return Money(data["amount"], obj.group.currency)

    def approval_needed(self, obj: Account, data: AmountAnswers) -> Money | None:
        """Return the money to be approved; raise what the ledger would refuse now."""
        ledger.check_operation(
            obj, self.cmd, data["amount"], lambda: current_figures(obj, LatestQuotes(), strict=True)
        )
        return above_approval_limit(self.amount_moved(obj, data))

    def signed_amount(self, data: AmountAnswers) -> Decimal:
        """Return the amount as it is posted: negative for what goes out."""
        return -data["amount"] if self.cmd in ledger.WITHDRAWAL_CMDS else data["amount"]

    def preview(self, obj: Account, data: AmountAnswers) -> ActionPreview:
        moved = format_sum(data["amount"], obj.group.currency)
        part = "credit" if self.cmd in CREDIT_CMDS else "balance"
        deed = self.deed.format(sum=moved, client=obj.user)
        return preview_money(obj, deed, **{part: self.signed_amount(data)})

    def questions(self, obj: Account, data: AmountAnswers) -> list[str]:
        """Ask about the same sum booked within the last minute, or waiting for an approval."""
        booked = Trade.objects.filter(
            account=obj.pk, cmd=self.cmd, profit=self.signed_amount(data), corrects=None
        )
        return [
            *ask_about_booked(booked),
            *ask_about_waiting(obj.login, self.name, data["amount"]),
        ]

    def run(self, actor: User, obj: Account, data: AmountAnswers) -> ActionResult:
        trade = ledger.post_operation(
            login=obj.login,
            cmd=self.cmd,
            amount=data["amount"],
            comment=data["comment"],
            staff=actor,
        )
        moved = format_sum(data["amount"], obj.group.currency)
        return ActionResult(f"{self.done_text} {moved}: {trade}.", obj, booked=trade)


class Deposit(MoneyAction):
    name, title, icon = "deposit", "Deposit", "add"
    cmd, done_text = Cmd.BALANCE_IN, "Deposited"
    deed = "Deposit {sum} to {client}"


class Withdraw(MoneyAction):
    name, title, icon = "withdraw", "Withdraw", "remove"
    cmd, done_text = Cmd.BALANCE_OUT, "Withdrawn"
    deed = "Withdraw {sum} from {client}"


class CreditIn(MoneyAction):
    name, title, icon = "credit-in", "Give credit", "add_card"
    cmd, done_text = Cmd.CREDIT_IN, "Given as credit"
    deed = "Give {sum} as credit to {client}"


class CreditOut(MoneyAction):
    name, title, icon = "credit-out", "Take credit", "credit_card_off"
    cmd, done_text = Cmd.CREDIT_OUT, "Taken of the credit"
    deed = "Take {sum} of the credit of {client}"


class TermsAnswers(ReasonAnswers):
    """What `TermsForm` asks."""

    group: Group
    leverage: int


class TermsForm(ActionForm[Account]):
    """Group and leverage, beginning with those of the account."""

    group = RowChoiceField(Group.objects.none())
    leverage = WholeNumberField(min_value=1, max_value=10_000)

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Account, actor: User
    ) -> None:
        present = {"group": obj.group_id, "leverage": obj.leverage}
        super().__init__(data, obj=obj, actor=actor, initial=present)
        offer_rows(self.fields["group"], actor.limited(Group.objects.all(), group="pk"))


class ChangeTerms(AccountAction[TermsAnswers]):
    """An action that sets another group or leverage; the effect on the margin is shown first."""

    name, title, icon = "terms", "Change group or leverage", "tune"
    permission = "accounts.change_terms"
    form = TermsForm
    previews = True

    def preview(self, obj: Account, data: TermsAnswers) -> ActionPreview:
        group, leverage = data["group"], data["leverage"]
        check_terms(obj, group, leverage)
        quotes = LatestQuotes()
        before, after = (
            current_figures(obj, quotes),
            figures_with_terms(obj, group, leverage, quotes),
        )
        rows = [
            ("group", obj.group.name, group.name),
            ("leverage", f"1:{obj.leverage}", f"1:{leverage}"),
            *compare_figures(before, after, obj.group, group),
        ]
        return ActionPreview(rows, terms_warnings(obj, after, quotes))

    def run(self, actor: User, obj: Account, data: TermsAnswers) -> ActionResult:
        account = services.change_account_terms(
            login=obj.login, group=data["group"], leverage=data["leverage"]
        )
        message = f"{obj} is in group {account.group.name} with leverage 1:{account.leverage}."
        return ActionResult(message, account)


def compare_figures(
    before: Figures, after: Figures, group: Group, other: Group
) -> list[tuple[str, str, str]]:
    """Return the figures that depend on the terms: name, before and after."""
    named = (("equity", "equity"), ("margin", "margin"), ("free margin", "margin_free"))
    old, new = rounded_figures(group, before), rounded_figures(other, after)
    rows = [
        (
            name,
            format_amount(old[figure], group.currency),
            format_amount(new[figure], other.currency),
        )
        for name, figure in named
    ]
    rows.append(("margin level", format_level(before), format_level(after)))
    rows.append(("state", before.level_type.label, after.level_type.label))
    return [(name, str(old), str(new)) for name, old, new in rows]


def terms_warnings(account: Account, after: Figures, quotes: LatestQuotes) -> list[str]:
    """Return what to consider before the change of terms is confirmed."""
    found = []
    if after.level_type is LevelType.STOP_OUT:
        found.append("This stops the account out at the next quote: positions will be closed.")
    elif after.level_type is LevelType.MARGIN_CALL:
        found.append("This brings the account below its margin call.")
    try:
        current_figures(account, quotes, strict=True)
    except OffQuotes as error:
        found.append(f"The figures are not complete: {error.message}.")
    return found


MONEY: tuple[type[AnyAction], ...] = (Deposit, Withdraw, CreditIn, CreditOut)
TERMS: tuple[type[AnyAction], ...] = (ChangeTerms,)
