"""Read-only admin page of clients' scripts."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.recording import record_entry
from backoffice.columns import time_column
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter
from core.locks import transactional
from core.text_search import make_word_vector
from scripts import services
from scripts.enums import Visibility
from scripts.models import Script


@transactional
def set_visibility_recorded(
    request: HttpRequest, scripts: list[Script], visibility: Visibility
) -> int:
    """Change who sees the scripts, with audit entries; return how many were changed."""
    changed = [script for script in scripts if script.visibility != visibility]
    for script in sorted(changed, key=lambda script: script.user_id):
        services.update_script(
            login=script.user_id, script_id=script.pk, by_staff=True, visibility=visibility
        )
        before, after = {"visibility": script.visibility}, {"visibility": visibility}
        record_entry(request, "change", script, before=before, after=after)
    return len(changed)


@admin.register(Script)
class ScriptPage(ReadOnlyPage[Script]):
    group_path = "user__account__group"
    card = CardColumns(title=("name", "kind"), texts=("updated_time",), details=("user_id",))
    list_display = (
        "id",
        *client_columns("user_id"),
        "name",
        "kind",
        "autostart",
        "enabled",
        time_column("updated_time", "updated"),
    )
    list_filter = (("kind", ChoicesDropdownFilter), "autostart", "visibility")
    actions = ("publish", "make_private")  # type: ignore[assignment]  # the base has none
    search_numbers = ("user", "id")
    search_clients = ("user",)
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

    def has_visibility_permission(self, request: HttpRequest) -> bool:
        """Check whether the user may change who sees scripts."""
        return request.user.has_perm("scripts.change_script")

    @admin.action(description="Publish to all clients", permissions=["visibility"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Script]) -> None:
        """Let every client read the chosen scripts."""
        self._set_visibility(request, queryset, Visibility.PUBLIC)

    @admin.action(description="Make private", permissions=["visibility"])
    def make_private(self, request: HttpRequest, queryset: QuerySet[Script]) -> None:
        """Let only their owners read the chosen scripts."""
        self._set_visibility(request, queryset, Visibility.PRIVATE)

    def _set_visibility(
        self, request: HttpRequest, queryset: QuerySet[Script], visibility: Visibility
    ) -> None:
        changed = set_visibility_recorded(request, list(queryset), visibility)
        self.message_user(request, f"{changed} made {visibility}.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Script]:
        """Return the visible scripts without loading their texts."""
        return super().get_queryset(request).defer("script")
