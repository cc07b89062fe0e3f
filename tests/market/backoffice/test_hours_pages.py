"""Trading hours on the pages of schedules and symbols: bars, state, and whom they apply to."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import Account, User
from market.backoffice import week_chart
from market.hours import ALWAYS, Hours
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Holiday, Schedule
from market.sessions import next_change
from tests.market.sessions.short_schedules import (
    daily_schedule,
    minute_from_now,
    unix_time,
    week_hours,
    week_schedule,
    zone_past_noon,
)

WEEK = "/admin/market/schedule/week/"


@pytest.fixture
def dealer(dan: User, client: Client) -> Client:
    client.force_login(dan)
    return client


def chart_days(chart: week_chart.WeekChart) -> dict[str, str]:
    return {day.name: day.text for day in chart.days}


def test_a_week_is_shown_in_local_time_and_in_utc() -> None:
    own, utc = week_chart.build_week_charts(
        week_hours("America/New_York", sunday="17:00-24:00", monday="00:00-17:00, 18:00-02:00"),
        unix_time("2026-11-25 12:00"),
    )
    assert (own.title, utc.title) == ("America/New_York", "UTC")
    closed = dict.fromkeys(("Wed", "Thu", "Fri", "Sat"), "closed")
    assert chart_days(own) == closed | {
        "Sun": "17:00-24:00", "Mon": "00:00-17:00, 18:00-24:00", "Tue": "00:00-02:00",
    }  # fmt: skip
    assert chart_days(utc) == closed | {
        "Sun": "22:00-24:00", "Mon": "00:00-22:00, 23:00-24:00", "Tue": "00:00-07:00",
    }  # fmt: skip


def test_bars_are_percent_of_the_day() -> None:
    (utc,) = week_chart.build_week_charts(
        week_hours("UTC", wednesday="06:00-18:00"), unix_time("2026-11-25 12:00")
    )
    wednesday = utc.days[3]
    assert wednesday.bars == [week_chart.WeekBar("25.000", "50.000")]
    assert wednesday.now == "50.000"
    assert [day.now for day in utc.days if day is not wednesday] == [None] * 6


def test_utc_follows_daylight_saving() -> None:
    office = week_hours("Europe/Berlin", friday="09:00-17:00")
    summer, winter = (
        week_chart.build_week_charts(office, unix_time(day))[1].days[5].text
        for day in ("2026-07-15 12:00", "2026-12-15 12:00")
    )
    assert (summer, winter) == ("07:00-15:00", "08:00-16:00")


def test_the_next_clock_change_is_named() -> None:
    message = week_chart.describe_clocks(
        ZoneInfo("America/New_York"), unix_time("2026-11-25 12:00")
    )
    assert "UTC−05:00 now, UTC−04:00 from 14 Mar 2027" in message
    assert "does not change" in week_chart.describe_clocks(
        ZoneInfo("Asia/Tokyo"), unix_time("2026-11-25 12:00")
    )


def test_the_next_change_is_found_across_days_and_holidays() -> None:
    week = week_hours("UTC", monday="09:00-17:00", tuesday="09:00-17:00")
    week.special = {date(2026, 11, 30): ()}
    friday = unix_time("2026-11-27 12:00")
    found = next_change.status_of_hours(week, friday)
    assert (found.is_open, found.until) == (False, unix_time("2026-12-01 09:00"))
    message = next_change.format_status(found, friday, ZoneInfo("America/New_York"))
    assert message == (
        "closed (symbol session closed) until Tue 01 Dec 09:00 UTC (Tue 04:00 there), in 3 d 21 h"
    )


def test_round_the_clock_hours_have_no_next_change() -> None:
    found = next_change.status_of_hours(ALWAYS, unix_time("2026-11-27 12:00"))
    assert next_change.format_status(found, 0) == "open, with no change in sight"


@pytest.mark.parametrize(
    ("holiday", "until"),
    [
        (date(2026, 11, 20), None),
        (date(2026, 12, 25), "2026-12-25 00:00"),
        (date(2027, 12, 24), "2027-12-24 00:00"),
        (date(2028, 6, 1), None),  # too far away
        (date.max, None),
    ],
)
def test_only_a_holiday_ends_round_the_clock_hours(holiday: date, until: str | None) -> None:
    hours = Hours(UTC, ALWAYS.week, special={holiday: ()})
    found = next_change.status_of_hours(hours, unix_time("2026-11-27 12:00"))
    assert (found.is_open, found.until) == (True, until and unix_time(until))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "1 min"), (3600, "1 h"), (5400, "1 h 30 min"), (90_000, "1 d 1 h"), (86_400, "1 d")],
)
def test_durations_have_two_units_at_most(seconds: int, words: str) -> None:
    assert next_change.format_duration(seconds) == words


def test_a_schedules_page_shows_its_state_and_the_symbols_that_use_it(
    dealer: Client, eurusd: Symbol, alice: Account
) -> None:
    week = daily_schedule("Now", f"{minute_from_now(-60)}-{minute_from_now(90)}", zone_past_noon())
    SymbolGroup.objects.update(schedule=week)
    Symbol.objects.update(schedule=week)
    row = GroupSchedule.objects.create(group=alice.group, symbols="EUR*", schedule=week)
    answer = dealer.get(f"/admin/market/schedule/{week.pk}/change/")
    page = answer.content.decode()
    assert "Open until " in page
    assert page.count("week-open") >= 7
    for link in ("symbol/EURUSD", "symbolgroup/Forex", f"groupschedule/{row.pk}"):
        assert f'href="/admin/market/{link}/change/"' in page
    other = daily_schedule("Other", "")
    page = dealer.get(f"/admin/market/schedule/{other.pk}/change/").content.decode()
    assert 'href="/admin/market/symbol/EURUSD/change/"' not in page


def test_a_scoped_dealer_sees_no_working_time_of_other_groups(
    dan: User, client: Client, alice: Account
) -> None:
    week = daily_schedule("Office", "08:00-20:00")
    row = GroupSchedule.objects.create(group=alice.group, symbols="EUR*", schedule=week)
    User.objects.filter(pk=dan.pk).update(managed_groups="std-*")
    client.force_login(User.objects.get(pk=dan.pk))
    page = client.get(f"/admin/market/schedule/{week.pk}/change/").content.decode()
    assert f"groupschedule/{row.pk}" not in page
    assert "demo-usd" not in page


def test_typed_hours_are_previewed_before_saving(dealer: Client) -> None:
    sent = {"name": "x", "time_zone": "Europe/Berlin", "monday": "09:00-17:00"}
    page = dealer.get(WEEK, sent).content.decode()
    assert "09:00-17:00" in page
    assert "Europe/Berlin" in page
    assert not Schedule.objects.exists()


def test_invalid_typed_hours_are_named_by_day_and_part(dealer: Client) -> None:
    sent = {"time_zone": "Mars", "monday": "08:00-09:00, 9-17", "friday": "22:00-02:00"}
    page = dealer.get(WEEK, sent).content.decode()
    assert "Time zone: A time zone as in America/New_York" in page
    assert "Monday: “9-17” is no session" in page
    assert "Friday" not in page
    assert "<script" not in dealer.get(WEEK, {"monday": "<script>"}).content.decode()


def test_the_week_preview_needs_the_view_permission(client: Client, alice: Account) -> None:
    assert client.get(WEEK).status_code == 302
    client.force_login(alice.user)
    assert client.get(WEEK).status_code == 302


def test_the_form_of_a_new_schedule_has_the_week_and_its_script(dealer: Client) -> None:
    page = dealer.get("/admin/market/schedule/add/").content.decode()
    assert f'data-url="{WEEK}"' in page
    assert "market/week.js" in page


def test_a_symbols_page_and_list_show_whether_it_trades(dealer: Client, eurusd: Symbol) -> None:
    url = "/admin/market/symbol/EURUSD/change/"
    assert "open, with no change in sight" in dealer.get(url).content.decode()
    Symbol.objects.update(schedule=week_schedule("never"))
    assert "closed (symbol session closed)" in dealer.get(url).content.decode()
    Symbol.objects.update(trade=0)
    assert "closed (disabled)" in dealer.get(url).content.decode()
    assert "disabled" in dealer.get("/admin/market/symbol/").content.decode()


def test_a_holiday_of_this_week_is_marked_on_the_symbol(dealer: Client, eurusd: Symbol) -> None:
    url = "/admin/market/symbol/EURUSD/change/"
    assert "· holiday" not in dealer.get(url).content.decode()
    today = datetime.now(ZoneInfo("UTC")).date()
    Holiday.objects.create(name="Today", date=today, symbols="EUR*")
    page = dealer.get(url).content.decode()
    assert page.count("· holiday") == 1


def test_a_holidays_name_pattern_lists_its_symbols(dealer: Client, eurusd: Symbol) -> None:
    holiday = Holiday.objects.create(name="Christmas", date="2026-12-25", symbols="EUR*")
    Holiday.objects.create(name="None", date="2026-12-26", symbols="GBP*")
    page = dealer.get("/admin/market/holiday/").content.decode()
    assert "no symbol at all" in page
    assert "Fri" in page
    page = dealer.get(f"/admin/market/holiday/{holiday.pk}/change/").content.decode()
    assert "EURUSD" in page
