"""Weekly hours: their notation, and which span of open or closed time a moment lies in.

Hours are local in a time zone. A session is half open: it trades at its first moment and
not at its last. A local time that the clocks skip is read with the offset before the jump,
one that comes twice is its first, so no session opens twice in a night.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from django.core.exceptions import ValidationError

from market.enums import MarketReason

MOST_SESSIONS = 3  # sessions a day, as many as the contract has room for
DAY_MINUTES = 1440
SESSION_PATTERN = r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
DAY_PATTERN = rf"^({SESSION_PATTERN}(, ?{SESSION_PATTERN}){{0,{MOST_SESSIONS - 1}}})?$"
ROUND_THE_CLOCK = "00:00-24:00"
ONE_DAY = timedelta(days=1)

Session = tuple[int, int]  # minutes of the day; one that ends the next day ends after 1440
Sessions = tuple[Session, ...]


def parse_sessions(text: str) -> Sessions:
    """Parse `09:30-12:00, 22:00-02:00`; an empty text is a day without sessions."""
    return tuple(_parse_session(part.strip()) for part in text.split(",") if part.strip())


def _parse_session(text: str) -> Session:
    """Parse one session; an end at or before its start is on the next day."""
    opens, closes = (int(at[:2]) * 60 + int(at[3:]) for at in text.split("-"))
    return opens, closes if closes > opens else closes + DAY_MINUTES


def validate(text: str) -> None:
    """Validate a day's sessions: up to three in order; only the last may end the next day.

    Raises:
        ValidationError: says which session is wrong.
    """
    parts = re.split(", ?", text) if text else []
    for part in parts:
        if not re.fullmatch(SESSION_PATTERN, part):
            raise ValidationError(
                f"“{part}” is no session: write 09:30-12:00, with a comma between two of them; "
                "24:00 is the end of the day."
            )
        if part[:5] == part[-5:]:
            raise ValidationError(f"“{part}” is empty; round the clock is 00:00-24:00.")
    if len(parts) > MOST_SESSIONS:
        raise ValidationError(
            f"These are {len(parts)} sessions; a day has at most {MOST_SESSIONS}."
        )
    for (one, (_, closes)), (other, (opens, _)) in pairwise(
        zip(parts, parse_sessions(text), strict=True)
    ):
        if closes > opens:
            raise ValidationError(
                f"“{other}” begins before “{one}” has ended; only the last may end the next day."
            )


class MarketSpan(NamedTuple):
    """Time within one local day, [begin, end) in unix seconds, in which nothing changes."""

    begin: float
    end: float
    is_open: bool
    reason: MarketReason


@dataclass(slots=True, eq=False)
class Hours:
    """A week's sessions, Sunday first, and the dates that have others; both in `zone`.

    `reason` says why the market is closed outside the week's sessions; on a date of
    `special` it is a holiday. The sessions of a special date are all that is open on it: a
    session of the day before ends at its midnight.
    """

    zone: tzinfo
    week: tuple[Sessions, ...]
    reason: MarketReason = MarketReason.SESSION
    special: Mapping[date, Sessions] = field(default_factory=dict)
    _last_span: MarketSpan | None = None

    def span_at(self, at: float) -> MarketSpan:
        """Return the span that holds `at`, in unix seconds; the next may have the same state."""
        last = self._last_span  # another thread may replace it
        if last is None or not last.begin <= at < last.end:
            self._last_span = last = self._find_span(at)
        return last

    def is_always_open(self) -> bool:
        """Return whether the market is open round the clock on every day."""
        return not self.special and all(day == ((0, DAY_MINUTES),) for day in self.week)

    def plain_from(self, at: float) -> float:
        """Return the time, `at` or later in unix seconds, from which no date is special."""
        if not self.special:
            return at
        final = min(max(self.special), date.max - 3 * ONE_DAY)
        # The next day has none of its sessions that go on after midnight.
        return max(at, self._unix_time(final, 2 * DAY_MINUTES))

    def open_times(self, day: date) -> list[tuple[float, float]]:
        """Return the local day's open times, ascending, as [begin, end) in unix seconds."""
        end = self._unix_time(day, DAY_MINUTES)
        times = (
            (self._unix_time(day, opens), min(self._unix_time(day, closes), end))
            for opens, closes in (*self._carried_over(day), *self._sessions_of(day))
        )
        return sorted((opens, closes) for opens, closes in times if opens < closes)

    def _find_span(self, at: float) -> MarketSpan:
        """Return the span of the local day that holds `at`."""
        day = datetime.fromtimestamp(at, self.zone).date()
        reason = MarketReason.HOLIDAY if day in self.special else self.reason
        begin = self._unix_time(day, 0)
        for opens, closes in self.open_times(day):
            if at < opens:
                return MarketSpan(begin, opens, False, reason)
            if at < closes:
                return MarketSpan(opens, closes, True, MarketReason.NONE)
            begin = max(begin, closes)
        return MarketSpan(begin, self._unix_time(day, DAY_MINUTES), False, reason)

    def _sessions_of(self, day: date) -> Sessions:
        """Return the date's sessions: the special ones, or those of its weekday."""
        special = self.special.get(day)
        return self.week[day.isoweekday() % 7] if special is None else special

    def _carried_over(self, day: date) -> Sessions:
        """Return the part of the previous day's sessions that lies after its midnight."""
        if day in self.special:
            return ()
        before = self._sessions_of(day - ONE_DAY)
        return tuple((0, closes - DAY_MINUTES) for _, closes in before if closes > DAY_MINUTES)

    def _unix_time(self, day: date, minute: int) -> float:
        """Return the unix seconds of a minute of the local day; it may be on the next day."""
        days, minute = divmod(minute, DAY_MINUTES)
        local = time(minute // 60, minute % 60, tzinfo=self.zone)
        return datetime.combine(day + days * ONE_DAY, local).timestamp()


ALWAYS = Hours(UTC, (parse_sessions(ROUND_THE_CLOCK),) * 7)
