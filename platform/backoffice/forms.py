"""Forms of the admin."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import (
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    JSONField,
    ModelChoiceField,
    ModelMultipleChoiceField,
)

from core.clock import LAST_TIME
from core.json import plain

if TYPE_CHECKING:
    from django.contrib.auth.forms import AdminPasswordChangeForm

    PasswordForm = AdminPasswordChangeForm[AbstractBaseUser]
    OneOf = ModelChoiceField[Any]
    SomeOf = ModelMultipleChoiceField[Any]
else:
    from unfold.forms import AdminPasswordChangeForm as PasswordForm

    OneOf, SomeOf = ModelChoiceField, ModelMultipleChoiceField


EARLIEST, LATEST = (datetime.fromtimestamp(second, UTC) for second in (0, LAST_TIME))


class BoundedDateField(DateField):
    """A day from 1970 to the latest time that any input takes."""

    default_validators = [
        MinValueValidator(EARLIEST.date()),
        MaxValueValidator(LATEST.date()),
    ]


class MomentField(DateTimeField):
    """A moment within the same bounds."""

    default_validators = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]


class PlainDecimalField(DecimalField):
    """Shows 0 as 0, where Python would write 0E-8."""

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


class ReadJSONField(JSONField):
    """What Python refuses to read is no valid JSON either: endless numbers, endless nesting."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return initial


class KnownRows(Field):
    """Shows nothing for what is no key at all: the widget would ask the database for it."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            self.clean(data)
        except ValidationError:
            return None
        return super().bound_data(data, initial)


class KnownRow(KnownRows, OneOf):
    """One row."""


class KnownManyRows(KnownRows, SomeOf):
    """Any number of rows."""


class NewPasswordForm(PasswordForm):
    """A new password for somebody else: there is no sign-in without a password here."""

    def __init__(self, user: AbstractBaseUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True
