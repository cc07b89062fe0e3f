"""Forms of staff actions: a reason, and the fields of the action."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.form_fields import RowChoiceField
from core.errors import BrokerError
from core.json import plain_digits
from core.users import User

Row = TypeVar("Row")
MAX_REASON_LENGTH = 128
WIDGETS_BY_FIELD: dict[type[forms.Field], type[forms.Widget]] = {
    forms.CharField: UnfoldAdminTextInputWidget,
    forms.EmailField: UnfoldAdminEmailInputWidget,
    forms.BooleanField: UnfoldBooleanSwitchWidget,
    forms.ChoiceField: UnfoldAdminSelectWidget,
    forms.TypedChoiceField: UnfoldAdminSelectWidget,
    RowChoiceField: UnfoldAdminSelectWidget,
}


class ActionForm(forms.Form, Generic[Row]):
    """The form of an action on `obj`, filled in by `actor`: choices and limits may depend on both.

    `form` is the key by which a form that is sent twice is executed once.
    """

    trailing_fields: ClassVar[tuple[str, ...]] = ("reason", "form", "previewed")
    # The form's fields by what refusals call them, where that differs.
    refusal_fields: ClassVar[Mapping[str, str]] = {}

    reason = forms.CharField(max_length=MAX_REASON_LENGTH)
    form = forms.UUIDField(widget=forms.HiddenInput)
    previewed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        obj: Row,
        actor: User,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial={"form": uuid.uuid4(), **(initial or {})})
        self.obj, self.actor = obj, actor
        self.order_fields([name for name in self.fields if name not in self.trailing_fields])
        for field in self.fields.values():
            widget = WIDGETS_BY_FIELD.get(type(field))
            if widget and not field.widget.is_hidden and type(field.widget) is type(field).widget:
                self._set_widget(field, widget)

    @property
    def answers(self) -> dict[str, object]:
        """Return the values of the action's own fields and the reason."""
        own = ("form", "previewed")
        return {name: value for name, value in self.cleaned_data.items() if name not in own}

    @property
    def digest(self) -> str:
        """Return a keyed hash of the answers: only what was previewed is executed."""
        return self._hash("")

    @property
    def is_previewed(self) -> bool:
        """Return whether what these answers lead to was shown."""
        return self._confirmed[0] == self.digest

    def confirms(self, question: str) -> bool:
        """Return whether the question was shown with the preview of these answers."""
        return self._hash(question) in self._confirmed[1:]

    def add_refusal(self, error: BrokerError) -> None:
        """Show a refusal at the field that it is about, else above the form."""
        name = self.refusal_fields.get(error.field, error.field)
        self.add_error(name if name in self.fields else None, error.form_message)

    def confirm_preview(self, questions: Sequence[str] = ()) -> None:
        """Note in the data what is shown, so that the form sent again unchanged is executed."""
        data = QueryDict.copy(self.data)  # type: ignore[arg-type]  # a POST is one
        data["previewed"] = ".".join([self.digest, *map(self._hash, questions)])
        self.data = data

    @property
    def _confirmed(self) -> list[str]:
        return str(self.cleaned_data["previewed"]).split(".")

    def _hash(self, question: str) -> str:
        texts = {name: _as_text(value) for name, value in sorted(self.answers.items())}
        return salted_hmac("backoffice.preview", repr((texts, question))).hexdigest()

    def _set_widget(self, field: forms.Field, widget: type[forms.Widget]) -> None:
        """Replace the field's default widget by unfold's."""
        choices = getattr(field, "choices", None)
        attrs: Mapping[str, object] = field.widget.attrs
        field.widget = widget(attrs=dict(attrs))
        field.widget.is_required = field.required
        if choices is not None:
            field.widget.choices = choices


AnyActionForm = ActionForm[Any]  # of whichever object


def _as_text(value: object) -> str:
    return plain_digits(value) if isinstance(value, Decimal) else str(value)
