"""Admin pages of trading hours: weekly schedules, working times of groups, holidays."""

from datetime import UTC, datetime
from typing import ClassVar, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from backoffice.pages.admin_pages import Page
from backoffice.pages.list_cards import CardColumns
from core import clock
from market import catalog
from market.backoffice import week_preview
from market.models import GroupTerms
from market.schedules import DAYS, GroupSchedule, Holiday, Schedule
from market.sessions import next_change

PatternRow = TypeVar("PatternRow", bound=GroupSchedule | GroupTerms | Holiday)
MOST_NAMES = 12  # most matching symbols that are listed for a name pattern


@admin.register(Schedule)
class SchedulePage(Page[Schedule]):
    """A week as text, and as bars that `market/week.js` refreshes while it is typed."""

    small = True
    card = CardColumns(title=("name", "time_zone"), texts=("now",))
    list_display = ("name", "time_zone", "now", *DAYS)
    search_fields = ("name", "time_zone")
    fieldsets: ClassVar = (
        (None, {"fields": (("name", "time_zone"),)}),
        (
            "Sessions of the day, in the time zone",
            {"fields": (*DAYS[1:], DAYS[0], "week")},
        ),
    )
    readonly_fields = ("week",)

    class Media:
        js = ("market/week.js",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.week_view)
        return [path("week/", view, name="market_schedule_week"), *super().get_urls()]

    def week_view(self, request: HttpRequest) -> HttpResponse:
        """Return the bars of the week that a form would save, or its errors."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponse(week_preview.render_form(request.GET.dict(), clock.now()))

    @admin.display(description="now")
    def now(self, obj: Schedule) -> str:
        return (
            "open"
            if next_change.status_of_hours(week_preview.hours_of_schedule(obj), clock.now()).is_open
            else "closed"
        )

    @admin.display(description="the week")
    def week(self, obj: Schedule) -> str:
        url = reverse("admin:market_schedule_week")
        # After a refused form the row has what was typed, which may be invalid.
        preview = week_preview.render_row(obj, clock.now())
        return format_html('<div id="week-preview" data-url="{}">{}</div>', url, preview)


class NamePatternPage(Page[PatternRow]):
    """A page of rows that apply to the symbols of a name pattern."""

    small = True

    def get_readonly_fields(
        self, request: HttpRequest, obj: PatternRow | None = None
    ) -> tuple[str, ...]:
        return ("means",)

    def response_add(
        self, request: HttpRequest, obj: PatternRow, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._warn(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: PatternRow) -> HttpResponse:
        self._warn(request, obj)
        return super().response_change(request, obj)

    def _warn(self, request: HttpRequest, obj: PatternRow) -> None:
        for warning in self.warnings(obj):
            messages.warning(request, warning)

    def warnings(self, obj: PatternRow) -> list[str]:
        """Return why a saved row has no effect."""
        if catalog.current_catalog().matching(obj.symbols):
            return []
        return [f"“{obj.symbols}” fits no symbol: this has no effect until one is called so."]

    @admin.display(description="these are")
    def means(self, obj: PatternRow) -> str:
        names = [symbol.name for symbol in catalog.current_catalog().matching(obj.symbols)]
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return f"{', '.join(names[:MOST_NAMES])}{more}" if names else "no symbol at all"


@admin.register(GroupSchedule)
class GroupSchedulePage(NamePatternPage[GroupSchedule]):
    """Which schedule an account group has, by patterns of symbols' names."""

    group_path = "group"
    list_display = ("group", "symbols", "means", "schedule", "enabled")
    list_select_related = ("group", "schedule")
    list_filter = ("enabled",)
    search_fields = ("group__name", "symbols", "schedule__name")
    fields = (("group", "enabled"), ("symbols", "means"), "schedule")


@admin.register(Holiday)
class HolidayPage(NamePatternPage[Holiday]):
    """Holidays by date, the latest first."""

    card = CardColumns(title=("iso_date", "name"), texts=("symbols", "sessions_or_closed"))
    list_display = (
        "iso_date",
        "weekday",
        "name",
        "symbols",
        "means",
        "sessions_or_closed",
        "enabled",
    )
    list_display_links = ("iso_date", "name")
    list_filter = ("enabled",)
    date_hierarchy = "date"
    search_fields = ("name", "symbols")
    fields = (("name", "enabled"), ("date", "hours"), ("symbols", "means"))

    def warnings(self, obj: Holiday) -> list[str]:
        is_over = obj.date < datetime.fromtimestamp(clock.now(), UTC).date()
        over = [f"{obj.date} is over: this has no effect."] if is_over else []
        return [*super().warnings(obj), *over]

    @admin.display(description="date", ordering="-date")
    def iso_date(self, obj: Holiday) -> str:
        return f"{obj.date}"

    @admin.display(description="day")
    def weekday(self, obj: Holiday) -> str:
        return f"{obj.date:%a}"

    @admin.display(description="sessions", ordering="hours")
    def sessions_or_closed(self, obj: Holiday) -> str:
        return obj.hours or "closed"
