"""Staff actions on accounts, except those on money and terms, which need prices."""

from collections.abc import Mapping

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.backoffice.add_staff import AddStaff
from accounts.models import Account, Group, User
from accounts.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from accounts.services import staff
from backoffice.actions.action import Action, ActionResult, Answers, AuditValues, ReasonAnswers
from backoffice.actions.forms import ActionForm
from backoffice.form_fields import RowChoiceField, WholeNumberField, offer_rows
from backoffice.widgets.one_time_secret import password_to_pass_on


class NewAccountAnswers(ReasonAnswers):
    """What `NewAccountForm` asks."""

    name: str
    email: str
    phone: str
    group: Group
    leverage: int | None
    password: str


class NewAccountForm(ActionForm[None]):
    """The form of a new account; without a password one is generated."""

    name = forms.CharField(max_length=128)
    email = forms.EmailField(max_length=254)
    phone = forms.CharField(max_length=32, required=False)
    group = RowChoiceField(Group.objects.none())
    leverage = WholeNumberField(
        min_value=1, max_value=10_000, required=False, help_text="Empty: the group's."
    )
    password = forms.CharField(
        min_length=MIN_PASSWORD_LENGTH,
        max_length=MAX_PASSWORD_LENGTH,
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Empty: one is made, and shown once.",
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, obj: None, actor: User) -> None:
        super().__init__(data, obj=obj, actor=actor)
        offer_rows(
            self.fields["group"], actor.limited(Group.objects.filter(enabled=True), group="pk")
        )


class AccountAction(Action[Account, Answers]):
    """A staff action on an account: locks its row, and audits its terms and money."""

    model = "accounts.account"

    def locked(self, obj: Account) -> Account:
        """Lock and return the account with its user and group."""
        return Account.objects.locked(obj.pk)

    def state(self, obj: Account) -> AuditValues:
        return {
            "group": obj.group.name,
            "leverage": obj.leverage,
            "enabled": obj.user.enable,
            "read_only": obj.enable_read_only,
            "balance": obj.balance,
            "credit": obj.credit,
        }


class OpenAccount(AccountAction[NewAccountAnswers]):
    """Open an account for a new client."""

    name, title, icon = "open", "Open an account", "person_add"
    permission = "accounts.open_account"
    form = NewAccountForm
    on_list = True

    def run(self, actor: User, obj: Account | None, data: NewAccountAnswers) -> ActionResult:
        password = data["password"] or staff.generate_password()
        account = staff.open_account_by_staff(
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            group=data["group"],
            leverage=data["leverage"],
            password=password,
        )
        secret = None if data["password"] else password_to_pass_on("Password", password)
        return ActionResult(f"Account {account.login} is open.", account, secret=secret)


class AccessAction(AccountAction[ReasonAnswers]):
    """An action on a person's access: never on oneself, and on staff only by superusers."""

    permission = "accounts.manage_access"

    def locked(self, obj: Account) -> Account:
        """Lock the user as well, so that one who has become staff is treated as staff."""
        account = super().locked(obj)
        account.user = User.objects.locked(account.login)  # type: ignore[assignment]  # it exists
        return account

    def allowed(self, user: User, obj: Account) -> bool:
        """Check whether the user may do this to the person."""
        in_reach = obj.pk != user.pk and (user.is_superuser or not obj.user.is_staff)
        return in_reach and super().allowed(user, obj)


class Disable(AccessAction):
    """Disable the client and end all sessions."""

    name, title, icon, danger = "disable", "Disable", "block", True

    def applies(self, obj: Account) -> bool:
        return obj.user.enable

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        account = staff.set_enabled(login=obj.login, enabled=False)
        return ActionResult(f"{obj} is disabled and signed out.", account)


class Enable(AccessAction):
    """Let the client sign in again."""

    name, title, icon = "enable", "Enable", "check_circle"

    def applies(self, obj: Account) -> bool:
        return not obj.user.enable

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        return ActionResult(f"{obj} is enabled.", staff.set_enabled(login=obj.login, enabled=True))


class MakeReadOnly(AccessAction):
    """Let the client look but not trade."""

    name, title, icon, danger = "read-only", "Make read-only", "visibility", True

    def applies(self, obj: Account) -> bool:
        return not obj.enable_read_only

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        account = staff.set_read_only(login=obj.login, read_only=True)
        return ActionResult(f"{obj} is read-only.", account)


class EndReadOnly(AccessAction):
    """Let the client trade again."""

    name, title, icon = "trade-again", "End read-only", "edit"

    def applies(self, obj: Account) -> bool:
        return obj.enable_read_only

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        account = staff.set_read_only(login=obj.login, read_only=False)
        return ActionResult(f"{obj} may trade.", account)


class ResetPassword(AccessAction):
    """Set a generated password, shown once; end all sessions."""

    name, title, icon, danger = "reset-password", "Reset password", "password", True

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        password = staff.generate_password()
        account = staff.set_password(login=obj.login, password=password)
        secret = password_to_pass_on("New password", password)
        return ActionResult(f"{obj} has a new password and is signed out.", account, secret=secret)


class EndSessions(AccessAction):
    """Sign the client out everywhere."""

    name, title, icon = "end-sessions", "End sessions", "logout"

    def run(self, actor: User, obj: Account, data: ReasonAnswers) -> ActionResult:
        account = staff.end_sessions(login=obj.login)
        return ActionResult(f"The sessions of {obj} are ended.", account)


ACTIONS = (
    OpenAccount,
    Disable,
    Enable,
    MakeReadOnly,
    EndReadOnly,
    ResetPassword,
    EndSessions,
    AddStaff,
)
