"""Staff actions: a form on a row's page, one permission, reason, transaction and audit entry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypedDict, TypeVar

from django.db.models import Model
from django.urls import reverse

from audit.recording import AuditNote, owner_login
from backoffice.actions.forms import ActionForm, AnyActionForm
from backoffice.widgets.content import Link
from backoffice.widgets.one_time_secret import OneTimeSecret
from core.users import User

Row = TypeVar("Row", bound=Model)
AuditValues = Mapping[str, object]  # by name, as `audit.recording` serializes them


class ReasonAnswers(TypedDict):
    """The answers of a form that asks for the reason alone; those of others add to it."""

    reason: str


Answers = TypeVar("Answers", bound=ReasonAnswers)


@dataclass(frozen=True, slots=True)
class ActionPreview:
    """What an action would lead to: name, value before and after, and warnings.

    `summary` says it in a sentence; `questions` are those of `Action.questions`.
    """

    rows: list[tuple[str, str, str]]
    warnings: list[str] = field(default_factory=list)
    summary: str = ""
    questions: Sequence[str] = ()


RecordNotes = Callable[[Iterable[AuditNote]], None]  # in the running transaction


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The message after an action, and the object that was changed or created.

    `secret` is shown on the page that answers the form and never again. What is not done yet
    has a `link` to where it goes on, if the staff member may follow it. `booked` is the row that
    was booked, where that is not `obj`.
    """

    message: str
    obj: Model
    secret: OneTimeSecret | None = None
    is_done: bool = True
    link: Link | None = None
    audit_notes: Sequence[AuditNote] = ()
    booked: Model | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str


class Action(Generic[Row, Answers]):
    """A staff action on the objects of `model` (`accounts.account`), see `registry`.

    `Row` is the class of these objects, `Answers` what the form asks. An action with `on_list`
    creates an object, such as an account; it gets None for `obj`. One `on_row` can also be chosen
    in the lists of its objects. One `in_portions` commits as it goes: its entry in the audit is
    written before it begins, and in each portion what was done.
    """

    model: ClassVar[str]
    name: ClassVar[str]  # in the URL and in the audit entry
    title: ClassVar[str]
    icon: ClassVar[str] = "bolt"
    permission: ClassVar[str]  # the permission that it requires
    form: ClassVar[type[AnyActionForm]] = ActionForm
    on_list: ClassVar[bool] = False
    on_row: ClassVar[bool] = False
    in_portions: ClassVar[bool] = False
    previews: ClassVar[bool] = False  # whether `preview` is shown before it is done
    danger: ClassVar[bool] = False

    def allowed(self, user: User, obj: Row) -> bool:
        """Return whether the user has the permission and the action applies to the object."""
        return bool(user.has_perm(self.permission) and self.applies(obj))

    def applies(self, obj: Row) -> bool:
        """Return whether the object is in a state in which this can be done."""
        return True

    def locked(self, obj: Row) -> Row:
        """Lock the object and return it as it is stored now; docs/locks.md has the order."""
        rows = type(obj)._default_manager.select_for_update(no_key=True)
        return rows.get(pk=obj.pk)

    def state(self, obj: Row) -> AuditValues:
        """Return what the audit entry stores of the object, before and after."""
        return {}

    def amount_moved(self, obj: Row, data: Answers) -> Money | None:
        """Return the money that the action would move now; None if it moves none."""
        return None

    def approval_needed(self, obj: Row, data: Answers) -> Money | None:
        """Return the money that needs an approval; None: execute at once.

        `obj` is locked.

        Raises:
            BrokerError: `run` would refuse, so nobody is asked for what cannot be done.
        """
        return None

    def preview(self, obj: Row, data: Answers) -> ActionPreview:
        """Return what the action would lead to; nothing is written.

        Raises:
            BrokerError: `run` would refuse.
        """
        raise NotImplementedError

    def preview_for(self, actor: User, obj: Row, data: Answers) -> ActionPreview:
        """Return the preview that `actor` may see; where that differs, an action says so here."""
        return self.preview(obj, data)

    def questions(self, obj: Row, data: Answers) -> Sequence[str]:
        """Return what is asked before it is done, in words that stay the same meanwhile.

        Asked with the preview, and again under the lock: what was not asked yet is asked then.
        """
        return ()

    def outlook(self, obj: Row) -> ActionPreview | None:
        """Return what the form says at once of what the action would lead to, if anything."""
        return None

    def run(self, actor: User, obj: Row, data: Answers) -> ActionResult:
        """Do it through the services; `obj` is locked and the transaction open.

        Raises:
            BrokerError: a rule refuses; the form shows its message and nothing is changed.
        """
        raise NotImplementedError

    def run_in_portions(
        self, actor: User, obj: Row, data: Answers, record: RecordNotes
    ) -> ActionResult:
        """Do it in transactions of its own, and `record` in each what it does."""
        raise NotImplementedError

    def form_url(self, obj: Row | None = None) -> str:
        """Return the URL of the action's form."""
        name = f"admin:{self.model.replace('.', '_')}_act"
        return reverse(name, args=[self.name] if obj is None else [obj.pk, self.name])


# An action of whichever model, as the registry holds them.
AnyAction = Action[Any, Any]


def can_see(user: User, obj: Model) -> bool:
    """Return whether the object belongs to no login or to one in the user's staff scope."""
    login = owner_login(obj)
    return login is None or bool(user.may_see(login))
