"""Audit entries for what a page's forms change, instead of Django's own log."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.forms import Form, ModelChoiceField
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from audit import recording
from backoffice.mixin_base import M, MixinBase

AuditedChange = tuple[Mapping[str, object], Mapping[str, object]]  # values before and after
REASON_FIELD = "_reason"  # the field of forms that ask for a reason


class AuditMixin(MixinBase[M]):
    """An admin page whose additions and changes write audit entries in their own transaction."""

    def log_addition(self, request: HttpRequest, obj: M, message: AuditedChange) -> Any:
        self._record(request, "add", obj, message)

    def log_change(self, request: HttpRequest, obj: M, message: AuditedChange) -> Any:
        self._record(request, "change", obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[M]) -> Any:
        for obj in queryset:
            recording.record_entry(request, "delete", obj, before=model_to_dict(obj))

    def construct_change_message(
        self, request: HttpRequest, form: Form, formsets: object, add: bool = False
    ) -> Any:
        """Return the values before and after, which Django passes on to the `log_` methods."""
        changed = getattr(form, "changed_data", [])
        before = {} if add else {name: _initial_value(form, name) for name in changed}
        return before, {name: audit_value(form.cleaned_data.get(name)) for name in changed}

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the object's audit entries."""
        query = {"model": self.opts.label_lower, "key": object_id}
        return redirect(f"{reverse('admin:audit_entry_changelist')}?{urlencode(query)}")

    def _record(self, request: HttpRequest, action: str, obj: M, message: AuditedChange) -> None:
        before, after = message
        reason = request.POST.get(REASON_FIELD, "").strip()
        recording.record_entry(request, action, obj, reason=reason, before=before, after=after)


def audit_value(value: object) -> object:
    """Return a form's value for the audit; objects as their names with their keys."""
    if isinstance(value, Model):
        name, key = str(value), str(value.pk)
        return name if key in name.split() else f"{name} (#{key})"
    if isinstance(value, list | tuple | set | QuerySet):
        return [audit_value(each) for each in value]
    return value


def _initial_value(form: Form, name: str) -> object:
    """Return what the form's field was filled with; an object instead of its key."""
    value = form.get_initial_for_field(form.fields[name], name) if name in form.fields else None
    field = form.fields.get(name)
    if isinstance(field, ModelChoiceField) and value and not isinstance(value, list):
        rows: Any = field.queryset
        value = rows.model._base_manager.filter(pk=value).first()
    return audit_value(value)
