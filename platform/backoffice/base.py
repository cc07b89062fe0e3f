"""The base of every admin page: what all have in common is said here once.

Nothing is deleted in the admin: what happened stays, and rows refer to one another.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

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
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from backoffice.acting.page import Acting
from backoffice.audited import Audited
from backoffice.exports import NUL, Exporting
from backoffice.forms import (
    BoundedDateField,
    KnownManyRows,
    KnownRow,
    PlainDecimalField,
    ReadJSONField,
    WholeNumberField,
)
from backoffice.keys import may_be_key
from backoffice.limited import LimitedChoices
from backoffice.lists import Listing
from backoffice.search import Search

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline

    class PageBase(ModelAdmin[M]): ...

    class InlineBase(TabularInline[Any, Any]): ...
else:
    from unfold.admin import ModelAdmin, TabularInline

    class PageBase(ModelAdmin, Generic[M]): ...

    InlineBase = TabularInline


class Page(Exporting, Listing, Audited, Acting, LimitedChoices, PageBase[M]):
    """A model's list and form.

    `group_path` leads from a row to the account group that it belongs to, `login_path` to its
    login: a staff member who is limited to some groups sees and touches no row of another.

    A search looks for every word: a number is one of `search_numbers`, a symbol's name in
    `search_symbols`, the beginning of a word in `search_words` (see `backoffice.search`). A `small`
    table may be searched anywhere in its `search_fields`, counted, and sorted by every column.
    """

    group_path: ClassVar[str] = ""
    login_path: ClassVar[str] = ""
    search_numbers: ClassVar[tuple[str, ...]] = ()
    search_symbols: ClassVar[tuple[str, ...]] = ()
    search_words: ClassVar[tuple[Func, ...]] = ()
    search_fields: ClassVar[tuple[str, ...]] = ()
    list_filter_submit = True
    actions = None
    compressed_fields = True
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        DateField: {"form_class": BoundedDateField},
        DecimalField: {"form_class": PlainDecimalField, "widget": UnfoldAdminDecimalFieldWidget},
        IntegerField: {"form_class": WholeNumberField},
        BigIntegerField: {"form_class": WholeNumberField},
        JSONField: {"form_class": ReadJSONField, "widget": UnfoldAdminTextareaWidget},
        ForeignKey: {"form_class": KnownRow},
        ManyToManyField: {"form_class": KnownManyRows},
    }

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """What this staff member may see; every list, search, export and address begins here."""
        rows = super().get_queryset(request)
        user: Any = request.user
        found: QuerySet[M] = user.limited(rows, group=self.group_path, login=self.login_path)
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> M | None:
        """The row of the address, if there is one; under lock where a form is about to change it.

        So what the form is allowed and what the audit calls "before" are true when it is saved.
        """
        if NUL in object_id or not may_be_key(self.model, object_id):
            return None
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        list(self.model._base_manager.select_for_update(no_key=True).filter(pk=row.pk))
        return super().get_object(request, object_id, from_field)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[M], *args: Any, **kwargs: Any
    ) -> Any:
        """Do to the ticked rows what was chosen; to none where one of them is no row's key."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        every = all(may_be_key(self.model, key) for key in ticked)
        return super().response_action(
            request, queryset if every else queryset.none(), *args, **kwargs
        )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Only says that there is a search: `get_search_results` does it."""
        words = ("words",) if self.search_words else ()
        return (*self.search_numbers, *self.search_symbols, *words, *self.search_fields)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        return Search(self).find(queryset, search_term), False

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
