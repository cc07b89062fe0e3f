"""Staff actions on an account's money and terms."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from accounts.models import Account, Group
from accounts.staff_actions import OnAccount
from backoffice.acting.action import Action, Done, Preview, Sum
from backoffice.acting.forms import ActionForm
from backoffice.columns import NOTHING, amount
from backoffice.forms import KnownRow, PlainDecimalField, WholeNumberField
from core.money import rounded
from market.errors import OffQuotes
from market.quotes import LatestQuotes
from trading import ledger, services
from trading.enums import Cmd, LevelType
from trading.events import shown_figures
from trading.services.terms import acceptable, figures_under
from trading.staff.worth import if_much
from trading.valuation import Figures, current


class AmountForm(ActionForm):
    """An amount in the account's currency; the client sees the comment, the reason only staff."""

    amount = PlainDecimalField(max_digits=20, decimal_places=4, min_value=Decimal("0.0001"))
    comment = forms.CharField(
        max_length=128, required=False, help_text="The client sees it; the reason only staff see."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = f"Amount, {self.row.group.currency}"


class Money(OnAccount):
    """An action that posts one finance row; above a limit another person has to approve it."""

    right = "accounts.move_money"
    form = AmountForm
    cmd: ClassVar[Cmd]
    words: ClassVar[str]

    def allowed(self, user: Any, row: Any) -> bool:
        """Return whether this user may act on the account: never on the own one."""
        return row.pk != user.pk and super().allowed(user, row)

    def moves(self, row: Account, data: dict[str, Any]) -> Sum:
        return Sum(data["amount"], row.group.currency)

    def second_person(self, row: Account, data: dict[str, Any]) -> Sum | None:
        """Return the money to be approved; raise what the ledger would refuse now."""
        ledger.possible(row, self.cmd, data["amount"], LatestQuotes())
        return if_much(self.moves(row, data))

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        trade = ledger.finance(
            login=row.login, cmd=self.cmd, amount=data["amount"], comment=data["comment"], staff=by
        )
        currency = row.group.currency
        sum_ = f"{amount(data['amount'], currency)} {currency}"
        return Done(f"{self.words} {sum_}: {trade}.", row)


class Deposit(Money):
    name, title, icon = "deposit", "Deposit", "add"
    cmd, words = Cmd.BALANCE_IN, "Deposited"


class Withdraw(Money):
    name, title, icon = "withdraw", "Withdraw", "remove"
    cmd, words = Cmd.BALANCE_OUT, "Withdrawn"


class CreditIn(Money):
    name, title, icon = "credit-in", "Give credit", "add_card"
    cmd, words = Cmd.CREDIT_IN, "Given as credit"


class CreditOut(Money):
    name, title, icon = "credit-out", "Take credit", "credit_card_off"
    cmd, words = Cmd.CREDIT_OUT, "Taken of the credit"


class TermsForm(ActionForm):
    """Group and leverage, beginning with those of the account."""

    group = KnownRow(Group.objects.none())
    leverage = WholeNumberField(min_value=1, max_value=10_000)

    def __init__(self, *args: Any, row: Any = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"group": row.group_id, "leverage": row.leverage}
        super().__init__(*args, row=row, **kwargs)
        groups: Any = self.fields["group"]
        groups.queryset = self.by.limited(Group.objects.all(), group="pk")


class ChangeTerms(OnAccount):
    """An action that sets another group or leverage; the effect on the margin is shown first."""

    name, title, icon = "terms", "Change group or leverage", "tune"
    right = "accounts.change_terms"
    form = TermsForm
    previews = True

    def preview(self, row: Any, data: dict[str, Any]) -> Preview:
        group, leverage = data["group"], data["leverage"]
        acceptable(row, group, leverage)
        quotes = LatestQuotes()
        before, after = current(row, quotes), figures_under(row, group, leverage, quotes)
        rows = [
            ("group", row.group.name, group.name),
            ("leverage", f"1:{row.leverage}", f"1:{leverage}"),
            *compared(before, after, row.group, group),
        ]
        return Preview(rows, warnings(row, after, quotes))

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        account = services.change_terms(
            login=row.login, group=data["group"], leverage=data["leverage"]
        )
        words = f"{row} is in group {account.group.name} with leverage 1:{account.leverage}."
        return Done(words, account)


def compared(
    before: Figures, after: Figures, group: Group, other: Group
) -> list[tuple[str, str, str]]:
    """Return the figures that depend on the terms: name, before and after."""
    named = (("equity", "equity"), ("margin", "margin"), ("free margin", "margin_free"))
    old, new = shown_figures(group, before), shown_figures(other, after)
    rows = [
        (name, amount(old[figure], group.currency), amount(new[figure], other.currency))
        for name, figure in named
    ]
    rows.append(("margin level", percent(before), percent(after)))
    rows.append(("state", before.level_type.label, after.level_type.label))
    return [(name, str(old), str(new)) for name, old, new in rows]


def percent(figures: Figures) -> str:
    """Return the margin level in percent as text; a dash without margin."""
    return NOTHING if figures.level is None else f"{rounded(figures.level, 2):,} %"


def warnings(account: Account, after: Figures, quotes: LatestQuotes) -> list[str]:
    """Return what to consider before the change of terms is confirmed."""
    found = []
    if after.level_type is LevelType.STOP_OUT:
        found.append("This stops the account out at the next quote: positions will be closed.")
    elif after.level_type is LevelType.MARGIN_CALL:
        found.append("This brings the account below its margin call.")
    try:
        current(account, quotes, strict=True)
    except OffQuotes as error:
        found.append(f"The figures are not complete: {error.message}.")
    return found


MONEY: tuple[type[Action], ...] = (Deposit, Withdraw, CreditIn, CreditOut)
TERMS: tuple[type[Action], ...] = (ChangeTerms,)
