"""When symbols trade, in the admin: weekly schedules, working times of groups, holidays."""

from typing import ClassVar

from django.contrib import admin

from backoffice.base import Page
from market.schedules import DAYS, GroupSchedule, Holiday, Schedule


@admin.register(Schedule)
class SchedulePage(Page[Schedule]):
    list_display = ("name", "time_zone", *DAYS)
    search_fields = ("name", "time_zone")
    fieldsets: ClassVar = (
        (None, {"fields": ("name", "time_zone")}),
        ("Sessions of the day, in the time zone", {"fields": DAYS}),
    )


@admin.register(GroupSchedule)
class GroupSchedulePage(Page[GroupSchedule]):
    """A dealer may not look account groups up, so that is a plain list to choose from."""

    list_display = ("group", "symbols", "schedule", "enabled")
    list_select_related = ("group", "schedule")
    list_filter = ("enabled",)
    search_fields = ("group__name", "symbols", "schedule__name")
    autocomplete_fields = ("schedule",)


@admin.register(Holiday)
class HolidayPage(Page[Holiday]):
    list_display = ("date", "name", "symbols", "hours", "enabled")
    list_display_links = ("date", "name")
    list_filter = ("enabled",)
    search_fields = ("name", "symbols")
