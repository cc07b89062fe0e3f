"""When a failed delivery is retried: the example schedule of Standard Webhooks, three days."""

from email.utils import parsedate_to_datetime
from random import SystemRandom

from core.clock import HOUR_S, MINUTE_S
from core.numbers import is_digits

# Seconds to wait after the first failed attempt, the second, …; after the last it is given up.
RETRY_DELAYS = (
    5, 5 * MINUTE_S, 30 * MINUTE_S,
    2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S,
)  # fmt: skip
VERIFICATION_DELAYS = RETRY_DELAYS[:3]  # a person waits for it, and its code expires
JITTER = 0.1  # share of the delay, so that simultaneous failures do not retry at the same time
LONGEST_WAIT = 24 * HOUR_S  # that a receiver may ask for
# Seconds for which nothing is sent to a failing address.
FIRST_PAUSE, LONGEST_PAUSE = 5, 5 * MINUTE_S
system_random = SystemRandom()


def retry_delay(step: int, *, verification: bool = False) -> float | None:
    """Return the seconds to wait after failed attempt `step` (from 0), or None to give up."""
    delays = VERIFICATION_DELAYS if verification else RETRY_DELAYS
    if step >= len(delays):
        return None
    return delays[step] * system_random.uniform(1, 1 + JITTER)


def pause_after(failures: int) -> int:
    """Return the seconds for which an address with so many failures in a row gets nothing."""
    longer: int = 4 ** min(failures - 1, 8)
    return min(FIRST_PAUSE * longer, LONGEST_PAUSE)


def parse_retry_after(header: str | None, now: int) -> int:
    """Parse a Retry-After header, a number or a date, to seconds; 0 if it has neither.

    `now` is unix seconds. The result is at most LONGEST_WAIT.
    """
    text = (header or "").strip()
    if is_digits(text):
        seconds = int(text[:12])
    else:
        try:
            seconds = int(parsedate_to_datetime(text).timestamp()) - now
        except (ValueError, OverflowError):
            return 0
    return min(max(seconds, 0), LONGEST_WAIT)
