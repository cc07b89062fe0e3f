"""What staff do to a row by a form: one right, one reason, one transaction, one audit entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model
from django.urls import reverse

from audit.recording import about
from backoffice.acting.forms import ActionForm


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would lead to: named values before and after, and what to mind."""

    rows: list[tuple[str, str, str]]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Noted:
    """A further audit entry of what was done: one about another row."""

    action: str
    row: Model
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words; `row` is what it was done to, or what came of it.

    `secret` is shown on the page that answers the form and nowhere else, ever again.
    """

    words: str
    row: Model
    secret: str = ""
    noted: Sequence[Noted] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Money that an action moves; where it is much, a second person has to approve it."""

    amount: Decimal
    currency: str


class Action:
    """One action on the rows of `model` (`accounts.account`), named in a section's `staff_actions`.

    An action without a row (`on_list`) makes one, such as an account; it gets None for the row.
    """

    model: ClassVar[str]
    name: ClassVar[str]  # of the address and of the audit entry
    title: ClassVar[str]
    icon: ClassVar[str] = "bolt"
    right: ClassVar[str]  # permission that it takes
    form: ClassVar[type[ActionForm]] = ActionForm
    on_list: ClassVar[bool] = False
    previews: ClassVar[bool] = False  # whether `preview` is shown before it is done
    danger: ClassVar[bool] = False

    def allowed(self, user: Any, row: Any) -> bool:
        """Whether this person may do it to this row."""
        return bool(user.has_perm(self.right) and self.applies(row))

    def applies(self, row: Any) -> bool:
        """Whether the row is in a state in which it can be done at all."""
        return True

    def locked(self, row: Any) -> Any:
        """The row as it stands, under lock; what is locked first is in docs/locks.md."""
        rows = type(row)._default_manager.select_for_update(no_key=True)
        return rows.get(pk=row.pk)

    def state(self, row: Any) -> dict[str, Any]:
        """What the audit keeps of the row, before and after."""
        return {}

    def moves(self, row: Any, data: dict[str, Any]) -> Sum | None:
        """The money that it moves as the row stands; None: none."""
        return None

    def second_person(self, row: Any, data: dict[str, Any]) -> Sum | None:
        """The money for which a second person is needed; None: it is done at once.

        `row` is locked. Raises what `run` refuses: nobody is asked for what cannot be done.
        """
        return None

    def preview(self, row: Any, data: dict[str, Any]) -> Preview:
        """What it would lead to; nothing is written. Raises what `run` refuses."""
        raise NotImplementedError

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        """Do it, through the services; `row` is locked and the transaction open.

        Raises a BrokerError where a rule refuses: the form shows its message, nothing is changed.
        """
        raise NotImplementedError

    def address(self, row: Any = None) -> str:
        """Where its form is."""
        name = f"admin:{self.model.replace('.', '_')}_act"
        return reverse(name, args=[self.name] if row is None else [row.pk, self.name])


def sees(user: Any, row: Any) -> bool:
    """Whether the row is nobody's, or of a login that this person may see."""
    login = about(row)
    return login is None or bool(user.may_see(login))
