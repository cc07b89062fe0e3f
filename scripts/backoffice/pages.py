"""Read-only admin page of clients' scripts."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.columns import field_column, time_column
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.list_filters import ChoicesDropdownFilter
from core.text_search import make_word_vector
from scripts.models import Script


@admin.register(Script)
class ScriptPage(ReadOnlyPage[Script]):
    group_path = "user__account__group"
    list_display = (
        "id",
        field_column("user_id", "login", str),
        "name",
        "kind",
        "autostart",
        "enabled",
        time_column("updated_time", "updated"),
    )
    list_filter = (("kind", ChoicesDropdownFilter), "autostart")
    search_numbers = ("user", "id")
    search_words = (make_word_vector("name"),)
    fields = (
        "user",
        "name",
        "description",
        ("kind", "language"),
        ("type", "visibility"),
        ("autostart", "enabled"),
        (time_column("created_time", "created"), time_column("updated_time", "updated")),
        "script",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Script]:
        """Return the visible scripts without loading their texts."""
        return super().get_queryset(request).defer("script")
