"""Trading hours: weekly schedules, those of account groups, and dates with other hours.

The most specific one decides, in this order: symbol group, symbol, account group, date; the
last that is set wins. Without any a symbol trades round the clock. Rows are not deleted but
switched off.
"""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import Group
from core import name_patterns
from market import hours

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
PATTERN_HELP = "Names and masks: US*,!US500 are all that begin with US, but not US500."
LAST_ADDED_HELP = "Of several that fit a symbol, the one that was added last decides."


class HoursField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A day's sessions as text, parsed by `market.hours`; empty is a day without any."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fixed = {"max_length": 40, "blank": True, "validators": [hours.validate]}
        super().__init__(*args, **{**kwargs, **fixed})


class MaskField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A name pattern of symbols, matched by `core.name_patterns`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fixed = {
            "max_length": 512,
            "validators": [name_patterns.validate_name_patterns],
            "help_text": PATTERN_HELP,
        }
        super().__init__(*args, **{"default": "*", **kwargs, **fixed})


def validate_zone(name: str) -> None:
    """Validate a time zone's name.

    Raises:
        ValidationError: the IANA database has no such zone.
    """
    # Known on every machine: not the alias of its own zone, and none that counts leap seconds.
    if name not in available_timezones() - {"localtime"}:
        raise ValidationError("A time zone as in America/New_York or UTC.")


def readable_hours_constraint(*fields: str) -> models.CheckConstraint:
    """Return a constraint by which these fields hold only hours that can be parsed."""
    condition = models.Q(**{f"{field}__regex": hours.DAY_PATTERN for field in fields})
    return models.CheckConstraint(condition=condition, name="%(class)s_hours")


class Schedule(models.Model):
    """A week of sessions, for symbol groups, symbols and account groups to use."""

    name = models.CharField(max_length=64, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    sunday = HoursField(help_text="09:30-12:00, 13:00-16:00, 22:00-02:00; empty is closed.")
    monday = HoursField(default=hours.ROUND_THE_CLOCK)
    tuesday = HoursField(default=hours.ROUND_THE_CLOCK)
    wednesday = HoursField(default=hours.ROUND_THE_CLOCK)
    thursday = HoursField(default=hours.ROUND_THE_CLOCK)
    friday = HoursField(default=hours.ROUND_THE_CLOCK)
    saturday = HoursField()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [readable_hours_constraint(*DAYS)]

    def __str__(self) -> str:
        return self.name


class GroupSchedule(models.Model):
    """The working time of an account group for the symbols of a name pattern."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="schedules")
    symbols = MaskField()
    schedule = models.ForeignKey(
        Schedule, models.PROTECT, related_name="+", help_text=LAST_ADDED_HELP
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        verbose_name = "working time"
        verbose_name_plural = "working times of account groups"
        ordering: ClassVar = ["group__name", "id"]

    def __str__(self) -> str:
        return f"{self.group}: {self.symbols}"


class Holiday(models.Model):
    """A date on which the symbols of a name pattern have other sessions, or none.

    Date and hours are in the time zone of each symbol's schedule, UTC where it has none.
    """

    name = models.CharField(max_length=64)
    date = models.DateField(db_index=True)
    symbols = MaskField()
    hours = HoursField("sessions", help_text=f"All that is open on the date. {LAST_ADDED_HELP}")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["-date", "id"]
        constraints: ClassVar = [readable_hours_constraint("hours")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
