"""The one place that asks what time it is."""

import time
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


def now() -> int:
    """Unix time in seconds."""
    return int(time.time())


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
