"""Short ways to write schedules in tests."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from market.hours import Hours, parse_sessions
from market.schedules import DAYS, Schedule

EMPTY = dict.fromkeys(DAYS, "")


def unix_time(text: str, zone: str = "UTC", fold: int = 0) -> float:
    """Return unix seconds of `2026-11-20 21:59` in the time zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def week_hours(zone: str = "UTC", /, **days: str) -> Hours:
    """Return a week in which only the named days have sessions."""
    return Hours(ZoneInfo(zone), tuple(parse_sessions({**EMPTY, **days}[day]) for day in DAYS))


def week_schedule(name: str = "week", zone: str = "UTC", /, **days: str) -> Schedule:
    """Create a schedule in which only the named days have sessions."""
    return Schedule.objects.create(name=name, time_zone=zone, **{**EMPTY, **days})


def daily_schedule(name: str, text: str, zone: str = "UTC") -> Schedule:
    """Create a schedule with the same sessions on all seven days."""
    return week_schedule(name, zone, **dict.fromkeys(DAYS, text))


def zone_past_noon() -> str:
    """Return a time zone in which it is past noon now: sessions near now stay within one day."""
    hour = datetime.now(UTC).hour - 12
    return f"Etc/GMT{hour:+d}" if hour else "UTC"


def minute_from_now(shift: int) -> str:
    """Format the present time in that zone, some minutes later, as hours are written."""
    local = datetime.now(ZoneInfo(zone_past_noon()))
    total = local.hour * 60 + local.minute + shift
    return f"{total // 60:02d}:{total % 60:02d}"


def closed_schedule() -> Schedule:
    """Create a schedule without any session."""
    return week_schedule("never")
