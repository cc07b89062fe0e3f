"""Forms of the admin."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
from django.forms import DecimalField

from core.json import plain

if TYPE_CHECKING:
    from django.contrib.auth.forms import AdminPasswordChangeForm

    PasswordForm = AdminPasswordChangeForm[AbstractBaseUser]
else:
    from unfold.forms import AdminPasswordChangeForm as PasswordForm


class PlainDecimalField(DecimalField):
    """Shows 0 as 0, where Python would write 0E-8."""

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


class NewPasswordForm(PasswordForm):
    """A new password for somebody else: there is no sign-in without a password here."""

    def __init__(self, user: AbstractBaseUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True
