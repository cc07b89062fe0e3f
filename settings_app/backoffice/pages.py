"""Read-only admin page of clients' settings."""

from django.contrib import admin

from backoffice.columns import field_column, time_column
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from core.text_search import make_word_vector
from settings_app.models import Setting


@admin.register(Setting)
class SettingPage(ReadOnlyPage[Setting]):
    group_path = "user__account__group"
    card = CardColumns(title=("prefix", "name"), texts=("updated_time",))
    list_display = (
        *client_columns("user_id"),
        "prefix",
        "name",
        field_column("value", "value", lambda text: text if len(text) <= 60 else f"{text[:60]}…"),
        time_column("updated_time", "updated"),
    )
    ordering = ("user_id", "prefix", "name")  # by "user" would join the users
    search_numbers = ("user",)
    search_clients = ("user",)
    search_words = (make_word_vector("prefix", "name"),)
    fields = ("user", "prefix", "name", "value", time_column("updated_time", "updated"))
