"""The form that sets another person's password, with a reason for it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.forms import CharField
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.actions.forms import MAX_REASON_LENGTH
from backoffice.pages.audit_mixin import REASON_FIELD
from backoffice.pages.reason_mixin import REASON_MISSING

if TYPE_CHECKING:
    from django.contrib.auth.forms import AdminPasswordChangeForm

    PasswordForm = AdminPasswordChangeForm[AbstractBaseUser]
else:
    from unfold.forms import AdminPasswordChangeForm as PasswordForm


class NewPasswordForm(PasswordForm):
    """A new password and its reason; a password cannot be left out, as Django would offer."""

    def __init__(self, user: AbstractBaseUser, data: Mapping[str, object] | None = None) -> None:
        super().__init__(user, data)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True
        self.fields[REASON_FIELD] = CharField(
            label="Reason",
            max_length=MAX_REASON_LENGTH,
            widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            error_messages={"required": REASON_MISSING},
        )
