"""Form fields of the admin, which accept only what the API would."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.forms import (
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    IntegerField,
    JSONField,
    ModelChoiceField,
    ModelMultipleChoiceField,
    Widget,
)
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.primary_keys import may_be_key
from core.clock import LAST_TIME
from core.json import plain_digits
from core.numbers import AmbiguousNumber, is_form_number, read_typed_decimal

if TYPE_CHECKING:
    OneOf = ModelChoiceField[Any]
    SomeOf = ModelMultipleChoiceField[Any]
else:
    OneOf, SomeOf = ModelChoiceField, ModelMultipleChoiceField


AMBIGUOUS = (
    "“{text}” may mean {many} or {few}: type it without a sign between the thousands, "
    "or with its decimals, as in {many}.00."
)
EARLIEST, LATEST = (datetime.fromtimestamp(second, UTC) for second in (0, LAST_TIME))


class TypedDate(Field):
    """A date in the digits 0 to 9 alone: Python also reads those of other scripts."""

    def to_python(self, value: object) -> Any:
        if isinstance(value, str) and not value.isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class BoundedDateField(TypedDate, DateField):
    """A date from 1970 to the latest time that any input takes."""

    default_validators = [
        MinValueValidator(EARLIEST.date()),
        MaxValueValidator(LATEST.date()),
    ]


class BoundedDateTimeField(TypedDate, DateTimeField):
    """A date and time within the same bounds."""

    default_validators = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]


class TypedNumber(Field):
    """A number as `core.numbers` reads it; blanks around it are ignored.

    It is a text field: a browser's number field drops the comma of `1000,50`.
    """

    widget = UnfoldAdminTextInputWidget
    input_mode: ClassVar[str]

    def to_python(self, value: object) -> Any:
        if isinstance(value, str) and value.strip():
            value = self.read_text(value.strip())
        return super().to_python(value)

    def read_text(self, text: str) -> object:
        """Return the number that was typed, or its text for Django to read.

        Raises:
            ValidationError: it is none, or may mean two.
        """
        if not is_form_number(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return text

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        """Ask telephones for their number pad; those have no minus."""
        least = getattr(self, "min_value", None)
        is_signed = least is None or least < 0
        mode = {} if is_signed else {"inputmode": self.input_mode}
        return {**super().widget_attrs(widget), "autocomplete": "off", **mode}


class WholeNumberField(TypedNumber, IntegerField):
    """A whole number."""

    input_mode = "numeric"


class PlainDecimalField(TypedNumber, DecimalField):
    """A decimal that is displayed without exponent: 0 instead of 0E-8.

    Typed as in any country, but that `1.105` is a little more than one.
    """

    input_mode = "decimal"
    point_is_decimal: ClassVar[bool] = True

    def prepare_value(self, value: object) -> object:
        return plain_digits(value) if isinstance(value, Decimal) else value

    def read_text(self, text: str) -> object:
        try:
            return read_typed_decimal(text, point_is_decimal=self.point_is_decimal)
        except AmbiguousNumber as error:
            many, few = map(plain_digits, error.meanings)
            message = AMBIGUOUS.format(text=text, many=many, few=few)
            raise ValidationError(message, code="ambiguous") from None
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class QuantityField(PlainDecimalField):
    """Money or a volume: `1.105` is refused as well as `1,105`, as it may be above a thousand."""

    point_is_decimal = False


class StrictJSONField(JSONField):
    """JSON; infinite numbers and too deep nesting, which Python cannot read, are invalid."""

    def to_python(self, value: object) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: object, initial: object) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return initial


class KeyCheckedField(Field):
    """A choice of rows that looks only for texts that can be keys.

    For any other the field shows nothing, as the widget would ask the database for it.
    """

    def clean(self, value: object) -> Any:
        field: Any = self
        for key in value if isinstance(value, list | tuple) else [value]:
            if isinstance(key, str) and key and not may_be_key(field.queryset.model, key):
                message = self.error_messages["invalid_choice"]
                raise ValidationError(message, code="invalid_choice", params={"value": key})
        return super().clean(value)

    def bound_data(self, data: object, initial: object) -> Any:
        try:
            self.clean(data)
        except ValidationError:
            return None
        return super().bound_data(data, initial)


class RowChoiceField(KeyCheckedField, OneOf):
    """A choice of one row."""


class RowsChoiceField(KeyCheckedField, SomeOf):
    """A choice of any number of rows."""


def offer_rows(field: Field, rows: QuerySet[Model]) -> None:
    """Let a RowChoiceField of a form offer these rows."""
    field.queryset = rows  # type: ignore[attr-defined]  # `Form.fields` says no more than Field
