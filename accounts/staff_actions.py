"""Staff actions on accounts, except those on money and terms, which need prices."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts import staffing
from accounts.models import Account, Group, User
from accounts.passwords import LONGEST, SHORTEST
from backoffice.acting.action import Action, Done
from backoffice.acting.forms import ActionForm
from backoffice.forms import KnownRow, WholeNumberField


class NewAccountForm(ActionForm):
    """The form of a new account; without a password one is generated."""

    name = forms.CharField(max_length=128)
    email = forms.EmailField(max_length=254)
    phone = forms.CharField(max_length=32, required=False)
    group = KnownRow(Group.objects.none())
    leverage = WholeNumberField(
        min_value=1, max_value=10_000, required=False, help_text="Empty: the group's."
    )
    password = forms.CharField(
        min_length=SHORTEST,
        max_length=LONGEST,
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Empty: one is made, and shown once.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: Any = self.fields["group"]
        groups.queryset = self.by.limited(Group.objects.filter(enabled=True), group="pk")


class OnAccount(Action):
    """A staff action on an account: locks its row, and audits its terms and money."""

    model = "accounts.account"

    def locked(self, row: Any) -> Any:
        """Lock and return the account with its user and group."""
        return Account.objects.locked(row.pk)

    def state(self, row: Account) -> dict[str, Any]:
        return {
            "group": row.group.name,
            "leverage": row.leverage,
            "enabled": row.user.enable,
            "read_only": row.enable_read_only,
            "balance": row.balance,
            "credit": row.credit,
        }


class OpenAccount(OnAccount):
    """Open an account for a new client."""

    name, title, icon = "open", "Open an account", "person_add"
    right = "accounts.open_account"
    form = NewAccountForm
    on_list = True

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        asked = {name: value for name, value in data.items() if name != "reason"}
        given = asked.pop("password")
        password = given or staffing.generated_password()
        account = staffing.open_account(**asked, password=password)
        secret = "" if given else password
        return Done(f"Account {account.login} is open.", account, secret=secret)


class Access(OnAccount):
    """An action on a person's access: never on oneself, and on staff only by superusers."""

    right = "accounts.manage_access"

    def locked(self, row: Any) -> Any:
        """Lock the user as well, so that one who has become staff is treated as staff."""
        account = super().locked(row)
        account.user = User.objects.locked(account.login)
        return account

    def allowed(self, user: Any, row: Any) -> bool:
        """Check whether the user may do this to the person."""
        reachable = row.pk != user.pk and (user.is_superuser or not row.user.is_staff)
        return reachable and super().allowed(user, row)


class Disable(Access):
    """Disable the client and end all sessions."""

    name, title, icon, danger = "disable", "Disable", "block", True

    def applies(self, row: Account) -> bool:
        return row.user.enable

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        account = staffing.set_enabled(login=row.login, enabled=False)
        return Done(f"{row} is disabled and signed out.", account)


class Enable(Access):
    """Let the client sign in again."""

    name, title, icon = "enable", "Enable", "check_circle"

    def applies(self, row: Account) -> bool:
        return not row.user.enable

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        return Done(f"{row} is enabled.", staffing.set_enabled(login=row.login, enabled=True))


class MakeReadOnly(Access):
    """Let the client look but not trade."""

    name, title, icon, danger = "read-only", "Make read-only", "visibility", True

    def applies(self, row: Account) -> bool:
        return not row.enable_read_only

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        account = staffing.set_read_only(login=row.login, read_only=True)
        return Done(f"{row} is read-only.", account)


class EndReadOnly(Access):
    """Let the client trade again."""

    name, title, icon = "trade-again", "End read-only", "edit"

    def applies(self, row: Account) -> bool:
        return row.enable_read_only

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        account = staffing.set_read_only(login=row.login, read_only=False)
        return Done(f"{row} may trade.", account)


class ResetPassword(Access):
    """Set a generated password, shown once; end all sessions."""

    name, title, icon, danger = "reset-password", "Reset password", "password", True

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        password = staffing.generated_password()
        account = staffing.set_password(login=row.login, password=password)
        return Done(f"The new password of {row}:", account, secret=password)


class EndSessions(Access):
    """Sign the client out everywhere."""

    name, title, icon = "end-sessions", "End sessions", "logout"

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        account = staffing.end_sessions(login=row.login)
        return Done(f"The sessions of {row} are ended.", account)


ACTIONS = (OpenAccount, Disable, Enable, MakeReadOnly, EndReadOnly, ResetPassword, EndSessions)
