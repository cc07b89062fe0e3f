"""The base of every admin page: what all have in common is said here once.

Nothing is deleted in the admin: what happened stays, and rows refer to one another.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import (
    DecimalField,
    ForeignKey,
    JSONField,
    ManyToManyField,
    Model,
    Q,
    QuerySet,
)
from django.http import Http404, HttpRequest
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from backoffice.forms import KnownManyRows, KnownRow, PlainDecimalField, ReadJSONField

M = TypeVar("M", bound=Model)
NUL = "\0"  # PostgreSQL has no text with it

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline

    class PageBase(ModelAdmin[M]): ...

    class InlineBase(TabularInline[Any, Any]): ...
else:
    from unfold.admin import ModelAdmin, TabularInline

    class PageBase(ModelAdmin, Generic[M]): ...

    InlineBase = TabularInline


class Page(PageBase[M]):
    """A model's list and form.

    Search takes every word: a number is exactly one of `search_numbers`, which can use an index,
    any other word is a part of one of `search_fields`.
    """

    search_numbers: ClassVar[tuple[str, ...]] = ()
    search_fields: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    actions = None
    compressed_fields = True
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        DecimalField: {"form_class": PlainDecimalField, "widget": UnfoldAdminDecimalFieldWidget},
        JSONField: {"form_class": ReadJSONField, "widget": UnfoldAdminTextareaWidget},
        ForeignKey: {"form_class": KnownRow},
        ManyToManyField: {"form_class": KnownManyRows},
    }

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list; a filter that no column could hold, as only a typed address has it, is 404."""
        filters = (values for name, values in request.GET.lists() if name != SEARCH_VAR)
        if any(NUL in value for values in filters for value in values):
            raise Http404
        return super().changelist_view(request, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> M | None:
        """The row of the address, if there is one."""
        return None if NUL in object_id else super().get_object(request, object_id, from_field)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Only says that there is a search: `get_search_results` does it."""
        return (*self.search_numbers, *self.search_fields)

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[M],
        search_term: str,
    ) -> tuple[QuerySet[M], bool]:
        for word in search_term.replace(NUL, "").split()[:8]:
            queryset = queryset.filter(self._match(word))
        return queryset, False

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """Write the columns that were changed, and no others: the rest may have moved on."""
        if not change:
            obj.save()
            return
        columns = {field.name for field in obj._meta.concrete_fields} & set(form.changed_data)
        obj.save(update_fields=columns | self.follow(obj, columns))

    def follow(self, obj: M, columns: set[str]) -> set[str]:
        """Apply what follows from a change of `columns`; names the further columns it wrote."""
        return set()

    def _match(self, word: str) -> Q:
        match = Q(pk__in=[])
        if word.isdecimal() and self.search_numbers:
            if len(word) <= 18:
                for field in self.search_numbers:
                    match |= Q(**{field: int(word)})
            return match
        for field in self.search_fields:
            match |= Q(**{f"{field}__icontains": word})
        return match


class ReadOnlyPage(Page[M]):
    """What is only looked at: money moves through the services alone."""

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Everything that the page shows: columns of this house are no fields of a form."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class ReadOnlyInline(InlineBase):
    """Rows of another table on a page, only to look at."""

    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
