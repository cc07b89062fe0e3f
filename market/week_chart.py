"""A week of sessions as bars, for people: in the schedule's time zone and in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from core.clock import DAY_S
from market.hours import ONE_DAY, Hours
from market.sessions import joined

YEAR = 370  # days ahead in which a change of the clocks is searched


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of open time within one day; both numbers are percent of the day."""

    left: str
    width: str


@dataclass(frozen=True, slots=True)
class Day:
    """A row of the chart; `text` says the same as the bars, `now` is percent of the day."""

    name: str
    words: str
    bars: list[Bar]
    holiday: bool
    now: str | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Seven days, Sunday first, in one time zone."""

    title: str
    days: list[Day]


def charts(hours: Hours, at: float) -> list[Chart]:
    """Return the week around `at` (unix seconds) in the schedule's time zone and in UTC."""
    own = str(hours.zone)
    found = [] if own == "UTC" else [chart(hours, hours.zone, at, own)]
    return [*found, chart(hours, UTC, at, "UTC")]


def chart(hours: Hours, zone: tzinfo, at: float, title: str) -> Chart:
    """Return the week around `at` (unix seconds) by the clocks of `zone`."""
    today = datetime.fromtimestamp(at, zone).date()
    sunday = today - timedelta(days=today.isoweekday() % 7)
    pieces = joined(hours, sunday)
    days = [sunday + number * ONE_DAY for number in range(7)]
    return Chart(title, [_day(day, pieces, zone, hours, at) for day in days])


def _day(
    day: date, pieces: list[tuple[float, float]], zone: tzinfo, hours: Hours, at: float
) -> Day:
    """Return one day's bars; it has 23 or 25 hours where the clocks change."""
    begin, end = (_midnight(each, zone) for each in (day, day + ONE_DAY))
    inside = [(max(opens, begin), min(closes, end)) for opens, closes in pieces]
    inside = [(opens, closes) for opens, closes in inside if opens < closes]
    words = ", ".join(
        f"{_clock(opens, zone)}-{'24:00' if closes == end else _clock(closes, zone)}"
        for opens, closes in inside
    )

    def percent(seconds: float) -> str:
        return f"{seconds / (end - begin) * 100:.3f}"

    return Day(
        name=f"{day:%a}",
        words=words or "closed",
        bars=[Bar(percent(opens - begin), percent(closes - opens)) for opens, closes in inside],
        holiday=day in hours.special,
        now=percent(at - begin) if begin <= at < end else None,
    )


def clocks(zone: tzinfo, at: float) -> str:
    """Return the zone's offset to UTC at `at` (unix seconds), and when it changes next."""
    days = [datetime.fromtimestamp(at + number * DAY_S, zone) for number in range(YEAR)]
    stands = f"{zone} is {_offset(days[0])} now"
    for before, after in pairwise(days):
        if before.utcoffset() != after.utcoffset():
            return f"{stands}, {_offset(after)} from {after:%d %b %Y} on: in UTC the hours shift."
    return f"{stands} and does not change its clocks."


def _offset(moment: datetime) -> str:
    """Return `UTC+02:00` and the like; `UTC` without an offset."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"


def _clock(seconds: float, zone: tzinfo) -> str:
    """Return the zone's hour and minute at `seconds` (unix time)."""
    return f"{datetime.fromtimestamp(seconds, zone):%H:%M}"


def _midnight(day: date, zone: tzinfo) -> float:
    """Return the unix seconds at which the day begins in the zone."""
    return datetime.combine(day, time(0, tzinfo=zone)).timestamp()
