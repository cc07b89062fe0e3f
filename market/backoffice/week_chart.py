"""A week of sessions as bars, for people: in the schedule's time zone and in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from core.clock import DAY_S
from market.hours import ONE_DAY, Hours
from market.sessions.state import merge_open_times

CLOCK_CHANGE_HORIZON = 370  # days ahead in which a change of the clocks is searched


@dataclass(frozen=True, slots=True)
class WeekBar:
    """A stretch of open time within one day; both numbers are percent of the day."""

    left: str
    width: str


@dataclass(frozen=True, slots=True)
class WeekDayRow:
    """A row of the chart; `text` says the same as the bars, `now` is percent of the day."""

    name: str
    text: str
    bars: list[WeekBar]
    holiday: bool
    now: str | None


@dataclass(frozen=True, slots=True)
class WeekChart:
    """Seven days, Sunday first, in one time zone."""

    title: str
    days: list[WeekDayRow]


def build_week_charts(hours: Hours, at: float) -> list[WeekChart]:
    """Return the week around `at` (unix seconds) in the schedule's time zone and in UTC."""
    own = str(hours.zone)
    found = [] if own == "UTC" else [build_week_chart(hours, hours.zone, at, own)]
    return [*found, build_week_chart(hours, UTC, at, "UTC")]


def build_week_chart(hours: Hours, zone: tzinfo, at: float, title: str) -> WeekChart:
    """Return the week around `at` (unix seconds) by the clocks of `zone`."""
    today = datetime.fromtimestamp(at, zone).date()
    sunday = today - timedelta(days=today.isoweekday() % 7)
    open_times = merge_open_times(hours, sunday)
    days = [sunday + number * ONE_DAY for number in range(7)]
    return WeekChart(title, [_build_day(day, open_times, zone, hours, at) for day in days])


def _build_day(
    day: date, open_times: list[tuple[float, float]], zone: tzinfo, hours: Hours, at: float
) -> WeekDayRow:
    """Return one day's bars; it has 23 or 25 hours where the clocks change."""
    begin, end = (_midnight_of(each, zone) for each in (day, day + ONE_DAY))
    inside = [(max(opens, begin), min(closes, end)) for opens, closes in open_times]
    inside = [(opens, closes) for opens, closes in inside if opens < closes]
    text = ", ".join(
        f"{_format_clock(opens, zone)}-{'24:00' if closes == end else _format_clock(closes, zone)}"
        for opens, closes in inside
    )

    def percent(seconds: float) -> str:
        return f"{seconds / (end - begin) * 100:.3f}"

    return WeekDayRow(
        name=f"{day:%a}",
        text=text or "closed",
        bars=[WeekBar(percent(opens - begin), percent(closes - opens)) for opens, closes in inside],
        holiday=day in hours.special,
        now=percent(at - begin) if begin <= at < end else None,
    )


def describe_clocks(zone: tzinfo, at: float) -> str:
    """Return the zone's offset to UTC at `at` (unix seconds), and when it changes next."""
    days = [
        datetime.fromtimestamp(at + number * DAY_S, zone) for number in range(CLOCK_CHANGE_HORIZON)
    ]
    offset_now = f"{zone} is {_format_offset(days[0])} now"
    for day, next_day in pairwise(days):
        if day.utcoffset() != next_day.utcoffset():
            return (
                f"{offset_now}, {_format_offset(next_day)} from {next_day:%d %b %Y} on: "
                "in UTC the hours shift."
            )
    return f"{offset_now} and does not change its clocks."


def _format_offset(moment: datetime) -> str:
    """Return `UTC+02:00` and the like; `UTC` without an offset."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"


def _format_clock(seconds: float, zone: tzinfo) -> str:
    """Return the zone's hour and minute at `seconds` (unix time)."""
    return f"{datetime.fromtimestamp(seconds, zone):%H:%M}"


def _midnight_of(day: date, zone: tzinfo) -> float:
    """Return the unix seconds at which the day begins in the zone."""
    return datetime.combine(day, time(0, tzinfo=zone)).timestamp()
