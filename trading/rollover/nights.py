"""The rollover nights: trading days end at 17:00 in New York, daylight saving included."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from core.clock import NEW_YORK
from market.models import Symbol
from trading.models import Rollover

DAY_END = time(17)
DAYS_OF_WEEK = 7
SATURDAY = 5  # of `date.weekday`
ONE_DAY = timedelta(days=1)
GRACE = 30  # seconds after the moment until the night is charged: quotes may be on their way


def end_of_night(night: date) -> int:
    """Return the unix seconds at which the trading day ends."""
    return int(datetime.combine(night, DAY_END, NEW_YORK).timestamp())


def is_trading_day(day: date) -> bool:
    """Return whether the day is Monday to Friday by New York's date."""
    return day.weekday() < SATURDAY


def next_night(night: date) -> date:
    """Return the end of the next trading day."""
    day = night + ONE_DAY
    while not is_trading_day(day):
        day += ONE_DAY
    return day


def last_night(at: int) -> date:
    """Return the last trading day that had ended at `at` (unix seconds)."""
    day = datetime.fromtimestamp(at, NEW_YORK).date()
    while not (is_trading_day(day) and end_of_night(day) <= at):
        day -= ONE_DAY
    return day


def last_month_end(at: int) -> date:
    """Return the last trading day of a month that had ended at `at` (unix seconds)."""
    night = last_night(at)
    while next_night(night).month == night.month:
        night = last_night(end_of_night(night) - 1)
    return night


def nights_to_charge(symbol: Symbol, night: date) -> int:
    """Return 3 in the symbol's triple night, which stands for the weekend, else 1."""
    return 3 if night.isoweekday() % 7 == symbol.swap_rollover3days else 1


def nights_held(symbol: Symbol, opened: int, night: date) -> int:
    """Return the nights of a position up to and with `night`, the triple one counted as 3.

    `opened` is unix seconds.
    """
    first = last_night(opened - 1)
    first = next_night(first)  # the first one whose end it saw
    weeks, days = divmod(max((night - first).days + 1, 0), DAYS_OF_WEEK)
    return weeks * _count_nights(symbol, first, DAYS_OF_WEEK) + _count_nights(symbol, first, days)


def latest_opening(symbol: Symbol, night: date, grace: int) -> int:
    """Return the latest unix second of an opening that gives a position more nights than `grace`.

    They are counted up to `night`, as in `nights_held`.
    """
    weeks, left = divmod(grace, _count_nights(symbol, night, DAYS_OF_WEEK))
    first = night - weeks * DAYS_OF_WEEK * ONE_DAY
    while left >= (counted := _count_nights(symbol, first, 1)):
        left -= counted
        first -= ONE_DAY
    return end_of_night(first)


def _count_nights(symbol: Symbol, first: date, days: int) -> int:
    """Return the nights of so many days from the first one on, the triple one counted as 3."""
    found = (first + day * ONE_DAY for day in range(days))
    return sum(nights_to_charge(symbol, day) for day in found if is_trading_day(day))


def register_nights(at: int) -> bool:
    """Store the nights that have ended since the last stored one; True for the very first.

    A new installation has none: its first night is stored as finished and nothing is charged
    for it. Run by two at once, each night is stored once.
    """
    last_stored = Rollover.objects.order_by("-night").values_list("night", flat=True).first()
    last = last_night(at - GRACE)
    if last_stored is None:
        begin = {"moment": end_of_night(last), "finished": at}
        return Rollover.objects.get_or_create(night=last, defaults=begin)[1]
    rows = [
        Rollover(night=night, moment=end_of_night(night))
        for night in _nights_between(last_stored, last)
    ]
    Rollover.objects.bulk_create(rows, ignore_conflicts=True)
    return False


def _nights_between(known: date, last: date) -> Iterator[date]:
    night = next_night(known)
    while night <= last:
        yield night
        night = next_night(night)
