"""When hours are open: boundaries, nights, weekends, and days on which clocks change."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from market.enums import MarketReason
from market.hours import ALWAYS, Hours, parse_sessions, validate
from tests.market.sessions.short_schedules import unix_time, week_hours

NEW_YORK = "America/New_York"
# Opens on Sunday at 22:00, runs through every night and closes on Friday at 22:00.
FOREX = week_hours(
    sunday="22:00-24:00",
    friday="00:00-22:00",
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), "00:00-24:00"),
)
# The same week as sessions that each end the next day.
NIGHTS = week_hours(**dict.fromkeys(("sunday", "monday", "tuesday", "wednesday"), "22:00-21:00"))
SHIFTS = week_hours(monday="08:00-10:00, 10:30-12:00, 13:00-24:00")
SHARES = week_hours(NEW_YORK, monday="09:30-16:00", friday="09:30-16:00")


def is_open_cached_and_fresh(of: Hours, moment: float) -> bool:
    """Return whether it is open, computed and from the cache."""
    fresh = Hours(of.zone, of.week, of.reason, of.special)
    assert fresh.span_at(moment).is_open == of.span_at(moment).is_open
    return of.span_at(moment).is_open


@pytest.mark.parametrize(
    ("of", "moment", "expected"),
    [
        (FOREX, "2026-11-22 21:59:59.999", False),  # a Sunday
        (FOREX, "2026-11-22 22:00:00", True),
        (FOREX, "2026-11-22 23:59:59.999", True),
        (FOREX, "2026-11-23 00:00:00", True),
        (FOREX, "2026-11-26 12:00:00", True),
        (FOREX, "2026-11-27 21:59:59.999", True),  # a Friday
        (FOREX, "2026-11-27 22:00:00", False),
        (FOREX, "2026-11-28 12:00:00", False),
        (NIGHTS, "2026-11-22 21:59:59", False),
        (NIGHTS, "2026-11-22 22:00:00", True),
        (NIGHTS, "2026-11-23 20:59:59.999", True),
        (NIGHTS, "2026-11-23 21:00:00", False),  # the hour between two nights
        (NIGHTS, "2026-11-23 22:00:00", True),
        (NIGHTS, "2026-11-26 20:59:59", True),  # Wednesday's session, on Thursday
        (NIGHTS, "2026-11-26 21:00:00", False),
        (NIGHTS, "2026-11-26 23:00:00", False),
        (SHIFTS, "2026-11-23 07:59:59", False),
        (SHIFTS, "2026-11-23 08:00:00", True),
        (SHIFTS, "2026-11-23 10:00:00", False),
        (SHIFTS, "2026-11-23 10:30:00", True),
        (SHIFTS, "2026-11-23 12:00:00", False),
        (SHIFTS, "2026-11-23 12:59:59.999", False),
        (SHIFTS, "2026-11-23 13:00:00", True),
        (SHIFTS, "2026-11-23 23:59:59.999", True),
        (SHIFTS, "2026-11-24 00:00:00", False),
        (ALWAYS, "2026-11-22 03:00:00", True),
        (ALWAYS, "2026-11-28 23:59:59.999", True),
        (week_hours(), "2026-11-25 12:00:00", False),
        (
            week_hours(saturday="22:00-02:00"),
            "2026-11-22 01:59:59",
            True,
        ),  # from Saturday to Sunday
        (week_hours(saturday="22:00-02:00"), "2026-11-22 02:00:00", False),
    ],
)
def test_a_session_is_open_from_its_first_moment_and_closed_at_its_last(
    of: Hours, moment: str, expected: bool
) -> None:
    assert is_open_cached_and_fresh(of, unix_time(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-06 14:29:59", False),  # Friday before the clocks go forward: five hours behind
        ("2026-03-06 14:30:00", True),
        ("2026-03-06 21:00:00", False),
        ("2026-03-09 13:29:59", False),  # Monday after: four hours behind
        ("2026-03-09 13:30:00", True),
        ("2026-03-09 20:00:00", False),
        ("2026-10-30 13:30:00", True),
        ("2026-11-02 13:30:00", False),  # Monday after the clocks went back
        ("2026-11-02 14:30:00", True),
        ("2026-11-02 20:59:59", True),
    ],
)
def test_local_hours_follow_daylight_saving_time(moment: str, expected: bool) -> None:
    assert is_open_cached_and_fresh(SHARES, unix_time(moment)) is expected


@pytest.mark.parametrize(
    ("sunday", "begin", "end"),
    [
        # 2026-03-08: after 01:59:59 EST follows 03:00:00 EDT, which is 07:00 UTC.
        ("01:00-04:00", "2026-03-08 06:00", "2026-03-08 08:00"),
        ("03:00-04:00", "2026-03-08 07:00", "2026-03-08 08:00"),
        ("02:30-05:00", "2026-03-08 07:30", "2026-03-08 09:00"),  # 02:30 with the offset before
        ("01:00-02:30", "2026-03-08 06:00", "2026-03-08 07:30"),
        ("00:00-24:00", "2026-03-08 05:00", "2026-03-09 04:00"),  # 23 hours
        ("22:00-02:00", "2026-03-09 02:00", "2026-03-09 06:00"),
    ],
)
def test_local_hours_on_the_day_when_clocks_go_forward(sunday: str, begin: str, end: str) -> None:
    check_open_interval(week_hours(NEW_YORK, sunday=sunday), unix_time(begin), unix_time(end))


@pytest.mark.parametrize(
    ("sunday", "begin", "end"),
    [
        # 2026-11-01: 01:00 to 02:00 comes twice, from 05:00 UTC and from 06:00 UTC.
        ("00:00-03:00", "2026-11-01 04:00", "2026-11-01 08:00"),
        ("00:30-01:30", "2026-11-01 04:30", "2026-11-01 05:30"),  # not open again at 06:00
        ("01:30-02:00", "2026-11-01 05:30", "2026-11-01 07:00"),
        ("00:00-24:00", "2026-11-01 04:00", "2026-11-02 05:00"),  # 25 hours
    ],
)
def test_local_hours_on_the_day_when_clocks_go_back(sunday: str, begin: str, end: str) -> None:
    check_open_interval(week_hours(NEW_YORK, sunday=sunday), unix_time(begin), unix_time(end))


def check_open_interval(of: Hours, begin: float, end: float) -> None:
    """Check that it is open in [begin, end) and at no other minute of the two days around."""
    first = begin - 86_400
    opened = [
        first + 60 * n for n in range(3 * 1440) if is_open_cached_and_fresh(of, first + 60 * n)
    ]
    assert (opened[0], opened[-1] + 60) == (begin, end)
    assert len(opened) * 60 == end - begin


def test_sessions_joined_by_a_clock_change_are_open_as_one() -> None:
    of = week_hours(NEW_YORK, sunday="02:15-02:45, 03:00-04:00")
    check_open_interval(of, unix_time("2026-03-08 07:00"), unix_time("2026-03-08 08:00"))


def test_a_nights_session_keeps_its_local_end_when_the_clocks_change() -> None:
    of = week_hours(NEW_YORK, saturday="22:00-05:00")
    check_open_interval(
        of, unix_time("2026-03-08 03:00"), unix_time("2026-03-08 09:00")
    )  # six hours
    check_open_interval(of, unix_time("2026-11-01 02:00"), unix_time("2026-11-01 10:00"))  # eight


def special(of: Hours, **days: str) -> Hours:
    """With other sessions on dates: `d2026_12_25="00:00-13:00"`."""
    dates = {
        date(*map(int, day[1:].split("_"))): parse_sessions(text) for day, text in days.items()
    }
    return Hours(of.zone, of.week, of.reason, dates)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-12-24 23:59:59", True),
        ("2026-12-25 00:00:00", False),
        ("2026-12-25 12:00:00", False),
        ("2026-12-25 23:59:59", False),
        ("2026-12-26 00:00:00", False),  # a Saturday
        ("2026-12-31 12:59:59", True),
        ("2026-12-31 13:00:00", False),
        ("2027-01-01 00:00:00", True),
    ],
)
def test_a_special_date_replaces_the_weeks_sessions(moment: str, expected: bool) -> None:
    of = special(FOREX, d2026_12_25="", d2026_12_31="00:00-13:00")
    assert is_open_cached_and_fresh(of, unix_time(moment)) is expected


def test_a_closed_date_is_a_holiday_all_day_and_the_day_after_is_not() -> None:
    of = special(FOREX, d2026_12_25="")
    reasons = [of.span_at(unix_time(f"2026-12-{day} 23:30")).reason for day in (24, 25, 26)]
    assert reasons == [MarketReason.NONE, MarketReason.HOLIDAY, MarketReason.SESSION]


def test_special_hours_are_a_holiday_outside_them() -> None:
    of = special(FOREX, d2026_12_31="09:00-13:00")
    found = [of.span_at(unix_time(f"2026-12-31 {time}")) for time in ("08:59", "09:00", "13:00")]
    assert [span.is_open for span in found] == [False, True, False]
    assert [span.reason for span in found] == [1, 0, 1]


def test_a_night_ends_at_the_midnight_of_a_holiday_and_begins_again_after_it() -> None:
    of = special(NIGHTS, d2026_11_24="")  # a Tuesday
    assert is_open_cached_and_fresh(of, unix_time("2026-11-23 23:59:59"))
    assert not is_open_cached_and_fresh(of, unix_time("2026-11-24 00:00"))
    assert not is_open_cached_and_fresh(
        of, unix_time("2026-11-24 22:30")
    )  # Tuesday's night does not begin
    assert not is_open_cached_and_fresh(of, unix_time("2026-11-25 03:00"))
    assert is_open_cached_and_fresh(of, unix_time("2026-11-25 22:00"))


def test_special_hours_may_end_the_next_day() -> None:
    of = special(FOREX, d2026_11_27="20:00-02:00")  # a Friday
    opens = [
        unix_time("2026-11-27 19:59"),
        unix_time("2026-11-27 20:00"),
        unix_time("2026-11-28 01:59:59"),
    ]
    assert [is_open_cached_and_fresh(of, moment) for moment in opens] == [False, True, True]
    assert not is_open_cached_and_fresh(of, unix_time("2026-11-28 02:00"))


def test_a_special_date_is_in_the_schedules_time_zone() -> None:
    of = special(SHARES, d2026_11_27="09:30-13:00")
    assert is_open_cached_and_fresh(of, unix_time("2026-11-27 17:59:59"))
    assert not is_open_cached_and_fresh(of, unix_time("2026-11-27 18:00"))


def test_a_cached_span_is_valid_from_its_begin_to_its_end() -> None:
    for moment in range(
        int(unix_time("2026-10-31 00:00")), int(unix_time("2026-11-03 00:00")), 600
    ):
        for of in (FOREX, NIGHTS, SHIFTS, SHARES):
            span = of.span_at(moment)
            assert span.begin <= moment < span.end
            for other in (span.begin, span.end - 0.001):
                assert is_open_cached_and_fresh(of, other) is span.is_open


@pytest.mark.parametrize(
    "text",
    ["", "00:00-24:00", "09:30-16:00", "08:00-10:00, 10:30-12:00, 13:00-24:00", "22:00-05:00",
     "01:00-02:00,02:00-03:00", "09:00-12:00, 22:00-09:00"],
)  # fmt: skip
def test_valid_hours_are_accepted(text: str) -> None:
    validate(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9:30-16:00", "“9:30-16:00” is no session"),
        ("09:30", "“09:30” is no session"),
        ("09:30-24:01", "is no session"),
        ("24:00-24:00", "is no session"),
        ("09:60-10:00", "is no session"),
        ("09:30-16:00\n", "is no session"),
        ("09:30-16:00,", "“” is no session"),
        ("08:00-09:00, 9-17", "“9-17” is no session"),
        ("01:00-02:00; 03:00-04:00", "is no session"),
        ("01:00-02:00, 03:00-04:00, 05:00-06:00, 07:00-08:00", "4 sessions; a day has at most 3"),
        ("10:00-10:00", "“10:00-10:00” is empty"),
        ("00:00-00:00", "is empty"),
        ("10:00-12:00, 11:00-13:00", "“11:00-13:00” begins before “10:00-12:00” has ended"),
        ("13:00-14:00, 10:00-11:00", "begins before"),
        ("22:00-02:00, 23:00-24:00", "only the last may end the next day"),
    ],
)
def test_invalid_hours_are_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        validate(text)
