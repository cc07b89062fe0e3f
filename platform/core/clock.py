"""The only reader of the time, and the times that inputs may have."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
NEW_YORK = ZoneInfo("America/New_York")
# Unix seconds of the year 3000: no input takes a later time. Beyond it are mostly milliseconds;
# within it every calendar, time zone and browser can show what is stored.
LAST_TIME = 32_503_680_000


def now() -> int:
    """Return the unix time in seconds."""
    return int(time.time())


def now_ms() -> int:
    """Return the unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def date_of(seconds: float) -> datetime | None:
    """Convert unix seconds to a date in UTC; None for a time that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def utc_text(seconds: int) -> str:
    """Format unix seconds as `2026-11-28 10:12:07` in UTC; as a number where no date fits."""
    date = date_of(seconds)
    return str(seconds) if date is None else f"{date:%Y-%m-%d %H:%M:%S}"


def utc_text_ms(milliseconds: int) -> str:
    """Format unix milliseconds as `utc_text` does seconds, with three decimals."""
    seconds, remainder = divmod(milliseconds, 1000)
    if date_of(seconds) is None:
        return str(milliseconds)
    return f"{utc_text(seconds)}.{remainder:03}"
