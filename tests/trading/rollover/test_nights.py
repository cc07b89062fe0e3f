"""Rollover nights: 17:00 in New York on trading days, across clock changes."""

from datetime import UTC, date, datetime

import pytest

from market.enums import Weekday
from market.models import Symbol
from trading.models import Rollover
from trading.rollover.nights import (
    GRACE,
    end_of_night,
    last_month_end,
    last_night,
    next_night,
    nights_to_charge,
    register_nights,
)


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("night", "moment"),
    [
        (date(2026, 3, 6), 1_772_834_400),  # Friday before the change of March: 22:00 UTC
        (date(2026, 3, 9), 1_773_090_000),  # Monday after it: 21:00 UTC
        (date(2026, 10, 30), 1_793_394_000),  # Friday before the change of November: 21:00 UTC
        (date(2026, 11, 2), 1_793_656_800),  # Monday after it: 22:00 UTC
    ],
)
def test_the_moment_is_five_in_the_afternoon_of_new_york(night: date, moment: int) -> None:
    assert end_of_night(night) == moment
    hour = 22 if night in (date(2026, 3, 6), date(2026, 11, 2)) else 21
    assert moment == utc(night.year, night.month, night.day, hour)


def test_the_weekend_of_march_is_an_hour_shorter_and_that_of_november_longer() -> None:
    assert end_of_night(date(2026, 3, 9)) - end_of_night(date(2026, 3, 6)) == 71 * 3600
    assert end_of_night(date(2026, 11, 2)) - end_of_night(date(2026, 10, 30)) == 73 * 3600


def test_a_week_has_five_nights() -> None:
    friday = date(2026, 3, 6)
    assert next_night(friday) == date(2026, 3, 9)
    assert last_night(end_of_night(friday)) == friday
    assert last_night(end_of_night(date(2026, 3, 9)) - 1) == friday


def test_a_nights_date_is_that_of_new_york() -> None:
    # Tuesday 01:00 UTC is Monday evening in New York, whose day has ended.
    assert last_night(utc(2026, 3, 3, 1)) == date(2026, 3, 2)
    # Monday 21:30 UTC, before the clocks change: Monday's day has half an hour to go.
    assert last_night(utc(2026, 3, 2, 21, 30)) == date(2026, 2, 27)


@pytest.mark.parametrize(
    ("triple", "night", "nights"),
    [
        (Weekday.WEDNESDAY, date(2026, 3, 3), 1),
        (Weekday.WEDNESDAY, date(2026, 3, 4), 3),
        (Weekday.FRIDAY, date(2026, 3, 4), 1),
        (Weekday.FRIDAY, date(2026, 3, 6), 3),
        (Weekday.MONDAY, date(2026, 3, 9), 3),
        (Weekday.SUNDAY, date(2026, 3, 9), 1),
    ],
)
def test_the_triple_swap_night_is_the_symbols_setting(
    triple: Weekday, night: date, nights: int
) -> None:
    assert nights_to_charge(Symbol(swap_rollover3days=triple), night) == nights


def test_five_nights_charge_a_week() -> None:
    week = [date(2026, 3, day) for day in (2, 3, 4, 5, 6)]
    assert sum(nights_to_charge(Symbol(), night) for night in week) == 7


def test_a_month_ends_with_its_last_trading_day() -> None:
    assert last_month_end(end_of_night(date(2026, 3, 4))) == date(
        2026, 2, 27
    )  # the 28th is Saturday
    assert last_month_end(end_of_night(date(2026, 3, 31)) - 1) == date(2026, 2, 27)
    assert last_month_end(end_of_night(date(2026, 3, 31))) == date(2026, 3, 31)


@pytest.mark.django_db
def test_the_first_start_creates_no_past_nights() -> None:
    assert register_nights(utc(2026, 3, 4, 12))
    kept = Rollover.objects.get()
    assert (kept.night, kept.moment) == (date(2026, 3, 3), end_of_night(date(2026, 3, 3)))
    assert kept.finished
    assert not register_nights(utc(2026, 3, 4, 12))
    assert Rollover.objects.count() == 1


@pytest.mark.django_db
def test_missed_nights_are_stored_without_weekends() -> None:
    register_nights(end_of_night(date(2026, 3, 5)) + GRACE)
    register_nights(end_of_night(date(2026, 3, 10)) + GRACE)
    due = Rollover.objects.filter(finished=0).values_list("night", "moment")
    nights = [date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)]
    assert list(due) == [(night, end_of_night(night)) for night in nights]


@pytest.mark.django_db
def test_a_night_is_due_when_its_last_quotes_have_arrived() -> None:
    register_nights(end_of_night(date(2026, 3, 4)) + GRACE)
    register_nights(end_of_night(date(2026, 3, 5)) + GRACE - 1)
    assert Rollover.objects.count() == 1
    register_nights(end_of_night(date(2026, 3, 5)) + GRACE)
    assert Rollover.objects.count() == 2
