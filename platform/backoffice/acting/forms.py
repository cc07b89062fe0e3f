"""Forms of staff actions: a reason, and the fields of the action."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.forms import KnownRow, PlainDecimalField, WholeNumberField
from core.json import plain

REASON_LENGTH = 128
WIDGETS: dict[type[forms.Field], type[forms.Widget]] = {
    forms.CharField: UnfoldAdminTextInputWidget,
    forms.EmailField: UnfoldAdminEmailInputWidget,
    PlainDecimalField: UnfoldAdminDecimalFieldWidget,
    WholeNumberField: UnfoldAdminIntegerFieldWidget,
    forms.BooleanField: UnfoldBooleanSwitchWidget,
    forms.ChoiceField: UnfoldAdminSelectWidget,
    forms.TypedChoiceField: UnfoldAdminSelectWidget,
    KnownRow: UnfoldAdminSelectWidget,
}


class ActionForm(forms.Form):
    """The form of an action on `obj`, filled in by `actor`: choices and limits may depend on both.

    `form` is the key by which a form that is sent twice is executed once.
    """

    last: ClassVar[tuple[str, ...]] = ("reason", "form", "previewed")

    reason = forms.CharField(max_length=REASON_LENGTH)
    form = forms.UUIDField(widget=forms.HiddenInput)
    previewed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Any = None, by: Any = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"form": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.row, self.by = row, by
        self.order_fields([name for name in self.fields if name not in self.last])
        for field in self.fields.values():
            look = WIDGETS.get(type(field))
            if look and not field.widget.is_hidden and type(field.widget) is type(field).widget:
                self._dress(field, look)

    @property
    def answers(self) -> dict[str, Any]:
        """Return the values of the action's own fields and the reason."""
        own = ("form", "previewed")
        return {name: value for name, value in self.cleaned_data.items() if name not in own}

    @property
    def digest(self) -> str:
        """Return a keyed hash of the answers: only what was previewed is executed."""
        spelt = {name: _spelt(value) for name, value in sorted(self.answers.items())}
        return salted_hmac("backoffice.preview", repr(spelt)).hexdigest()

    def with_digest(self) -> None:
        """Put the digest into the data, so that the form sent again unchanged is executed."""
        data = cast(QueryDict, self.data).copy()
        data["previewed"] = self.digest
        self.data = data

    def _dress(self, field: forms.Field, look: type[forms.Widget]) -> None:
        """Replace the field's default widget by unfold's."""
        choices = getattr(field, "choices", None)
        attrs: Mapping[str, Any] = field.widget.attrs
        field.widget = look(attrs=dict(attrs))
        field.widget.is_required = field.required
        if choices is not None:
            field.widget.choices = choices


def _spelt(value: Any) -> str:
    return plain(value) if hasattr(value, "as_tuple") else str(value)
