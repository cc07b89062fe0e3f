"""The base of every admin page.

Nothing is deleted in the admin: what happened stays, and rows refer to one another.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Generic

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets
from django.db import connection
from django.db.models import (
    BigIntegerField,
    DateField,
    DecimalField,
    ForeignKey,
    Func,
    IntegerField,
    JSONField,
    ManyToManyField,
    Model,
    QuerySet,
)
from django.forms import Media, ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as Checkboxes
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.actions.actions_mixin import ActionsMixin
from backoffice.exports.export_mixin import NUL, ExportMixin
from backoffice.form_fields import (
    BoundedDateField,
    PlainDecimalField,
    RowChoiceField,
    RowsChoiceField,
    StrictJSONField,
    WholeNumberField,
)
from backoffice.mixin_base import M
from backoffice.pages.audit_mixin import AuditMixin
from backoffice.pages.lists import IndexedListMixin
from backoffice.pages.reason_mixin import ReasonMixin
from backoffice.pages.search import ListSearch
from backoffice.pages.visible_choices import VisibleChoicesMixin
from backoffice.primary_keys import may_be_key
from core.users import signed_in_user

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline

    class PageBase(ModelAdmin[M]): ...

    class InlineBase(TabularInline[Model, Model]): ...
else:
    from unfold.admin import ModelAdmin, TabularInline

    class PageBase(ModelAdmin, Generic[M]): ...

    InlineBase = TabularInline


# Scripts that fill a field from another one, as no page does.
UNUSED_SCRIPTS = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")


class Page(
    ExportMixin[M],
    IndexedListMixin[M],
    AuditMixin[M],
    ReasonMixin[M],
    ActionsMixin[M],
    VisibleChoicesMixin[M],
    PageBase[M],
):
    """A model's list and form.

    `group_path` is the lookup from a row to its account group, `login_path` that to its login:
    staff who are limited to some groups neither see nor change rows of others.

    A search looks for every word: a number in `search_numbers`, a symbol's name in
    `search_symbols`, the beginning of a word in `search_words`, any part of a person's name,
    e-mail or telephone number in `search_people`, and of the client's with a login in
    `search_clients` (`pages.search`). A `small` table may be searched anywhere in its
    `search_fields`, counted, and sorted by every column.
    """

    group_path: ClassVar[str] = ""
    login_path: ClassVar[str] = ""
    search_numbers: ClassVar[tuple[str, ...]] = ()
    search_symbols: ClassVar[tuple[str, ...]] = ()
    search_words: ClassVar[tuple[Func, ...]] = ()
    search_people: ClassVar[tuple[Func, ...]] = ()
    search_clients: ClassVar[tuple[str, ...]] = ()
    search_fields: ClassVar[tuple[str, ...]] = ()
    list_filter_submit = True
    actions = None
    compressed_fields = True
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        DateField: {"form_class": BoundedDateField},
        DecimalField: {"form_class": PlainDecimalField, "widget": UnfoldAdminTextInputWidget},
        IntegerField: {"form_class": WholeNumberField, "widget": UnfoldAdminTextInputWidget},
        BigIntegerField: {"form_class": WholeNumberField, "widget": UnfoldAdminTextInputWidget},
        JSONField: {"form_class": StrictJSONField, "widget": UnfoldAdminTextareaWidget},
        ForeignKey: {"form_class": RowChoiceField},
        ManyToManyField: {"form_class": RowsChoiceField, "widget": Checkboxes},
    }

    @property
    def media(self) -> Media:
        """Return the scripts and styles that lists and forms use."""
        media = super().media
        scripts = [path for path in media._js if not str(path).endswith(UNUSED_SCRIPTS)]  # type: ignore[attr-defined]  # noqa: SLF001
        return Media(css=media._css, js=scripts)  # type: ignore[attr-defined]  # noqa: SLF001

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """Return the rows in the user's staff scope.

        Every list, search, export and page of one row begins here.
        """
        rows = super().get_queryset(request)
        user = signed_in_user(request)
        return user.limited(rows, group=self.group_path, login=self.login_path)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> M | None:
        """Return the object of the URL or None; locked where a form is about to change it.

        So what the form is allowed, and what the audit calls "before", is true when it is saved.
        """
        if NUL in object_id or not may_be_key(self.model, object_id):
            return None
        obj = super().get_object(request, object_id, from_field)
        if obj is None or request.method != "POST" or not connection.in_atomic_block:
            return obj
        list(self.model._base_manager.select_for_update(no_key=True).filter(pk=obj.pk))
        return super().get_object(request, object_id, from_field)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[M], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Apply the chosen action to the ticked rows; to none where a key cannot be one."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        all_keys = all(may_be_key(self.model, key) for key in ticked)
        return super().response_action(
            request, queryset if all_keys else queryset.none(), *args, **kwargs
        )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return names that only tell Django that there is a search.

        `get_search_results` does the search.
        """
        others = (*self.search_words, *self.search_people, *self.search_clients)
        markers = ("words",) if others else ()
        return (*self.search_numbers, *self.search_symbols, *markers, *self.search_fields)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        return ListSearch(self).find(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: M, form: "ModelForm[M]", change: bool) -> None:
        """Write only the columns that were changed: others may have changed meanwhile."""
        if not change:
            obj.save()
            return
        columns = {field.name for field in obj._meta.concrete_fields} & set(form.changed_data)
        obj.save(update_fields=columns | self.apply_consequences(obj, columns))

    def apply_consequences(self, obj: M, columns: set[str]) -> set[str]:
        """Apply what follows from a change of `columns`; return the further columns to write."""
        return set()


class ReadOnlyPage(Page[M]):
    """A page without changes: money moves through the services alone."""

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> list[str]:
        """Return all that the page shows, as `columns` are no fields of a form."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class ReadOnlyInline(InlineBase):
    """Rows of another table on a page, read-only."""

    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
