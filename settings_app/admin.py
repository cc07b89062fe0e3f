"""Clients' settings in the admin, to look at."""

from django.contrib import admin

from backoffice.base import ReadOnlyPage
from backoffice.columns import column, time
from settings_app.models import Setting


@admin.register(Setting)
class SettingPage(ReadOnlyPage[Setting]):
    list_display = (
        column("user_id", "login", str, order="user"),
        "prefix",
        "name",
        column("value", "value", lambda text: text if len(text) <= 60 else f"{text[:60]}…"),
        time("updated_time", "updated"),
    )
    search_numbers = ("user",)
    search_fields = ("prefix", "name")
    fields = ("user", "prefix", "name", "value", time("updated_time", "updated"))
