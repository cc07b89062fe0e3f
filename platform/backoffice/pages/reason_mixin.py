"""A reason for every change that a form saves; the audit keeps it."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from backoffice.mixin_base import M, MixinBase
from backoffice.pages.audit_mixin import REASON_FIELD
from backoffice.pages.constraint_errors import ConstrainedForm

REASON_MISSING = "Say why the change is made."


class ReasonedForm(ConstrainedForm):
    """A form that is invalid until what it adds or changes has a reason."""

    is_addition: ClassVar[bool] = False

    @property
    def reason(self) -> str:
        """Return the reason as it was typed, without blanks around it."""
        return str(self.data.get(REASON_FIELD, "")).strip()

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            self.check_confirmation()

    def check_confirmation(self) -> None:
        """Add an error where a valid form may not be saved yet."""
        if (self.is_addition or self.has_changed()) and not self.reason:
            self.add_error(None, ValidationError(REASON_MISSING, code="reason"))


class ReasonMixin(MixinBase[M]):
    """An admin page whose form asks why a change is made."""

    change_form_after_template = "backoffice/reason.html"

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: object
    ) -> type["ModelForm[M]"]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (ReasonedForm, form), {"is_addition": not change})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        """Return the page, with the reason as it was typed; where it is missing, it has focus."""
        context["given_reason"] = request.POST.get(REASON_FIELD, "")
        context["reason_missing"] = missing_reason(context)
        context["asks_reason"] = (
            self.has_change_permission(request, obj) if change else self.has_add_permission(request)
        )
        return super().render_change_form(request, context, add, change, form_url, obj)


def missing_reason(context: dict[str, object]) -> str:
    """Return the error of a form page whose reason is missing, else nothing."""
    form = getattr(context.get("adminform"), "form", None)
    errors: list[str] = form.non_field_errors() if form is not None else []
    return REASON_MISSING if REASON_MISSING in errors else ""
