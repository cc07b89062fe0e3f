"""When a failed delivery is tried again: the example schedule of Standard Webhooks, three days."""

from email.utils import parsedate_to_datetime
from random import SystemRandom

from core.clock import HOUR_S, MINUTE_S
from core.numbers import is_digits

# Seconds to wait after the first failed attempt, the second, …; after the last it is given up.
DELAYS = (
    5, 5 * MINUTE_S, 30 * MINUTE_S,
    2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S,
)  # fmt: skip
VERIFICATION = DELAYS[:3]  # somebody waits for it, and its code expires
JITTER = 0.1  # of the delay, so that what failed together does not come back together
LONGEST_WAIT = 24 * HOUR_S  # that a receiver may ask for
FIRST_REST, LONGEST_REST = 5, 5 * MINUTE_S  # seconds for which a failing address is left alone
random = SystemRandom()


def delay(step: int, *, verification: bool = False) -> float | None:
    """Seconds until the attempt after failed attempt number `step` (from 0); None: give up."""
    delays = VERIFICATION if verification else DELAYS
    if step >= len(delays):
        return None
    return delays[step] * random.uniform(1, 1 + JITTER)


def rest(failures: int) -> int:
    """Seconds for which the address gets nothing after that many failures in a row."""
    longer: int = 4 ** min(failures - 1, 8)
    return min(FIRST_REST * longer, LONGEST_REST)


def retry_after(header: str | None, now: int) -> int:
    """The seconds of a Retry-After header, a number or a date; 0 where it says nothing.

    `now` is unix seconds.
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
