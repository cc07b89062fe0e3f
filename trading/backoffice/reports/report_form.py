"""The forms of reports: which days, and what there is a row for."""

from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.form_fields import BoundedDateField
from core.clock import now
from trading.reports.broker_result import Grouping, Period

MAX_DAYS = 366  # of one report
DEFAULT_DAYS = 7


class DayInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # unfold has no types
    """The browser's own calendar."""

    input_type = "date"

    def format_value(self, value: object) -> str:
        """Return the date as the browser reads it, whatever the language."""
        return value.isoformat() if isinstance(value, date) else str(value or "")


class PeriodForm(forms.Form):
    """Both days are included; in UTC."""

    max_days: ClassVar[int] = 100 * 366

    first = BoundedDateField(label="From", widget=DayInput)
    last = BoundedDateField(label="To", widget=DayInput)

    def clean(self) -> dict[str, object]:
        """Refuse a period that ends before it begins or is too long."""
        found = dict(self.cleaned_data)
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", "This is before the first day.")
        elif first and last and (last - first).days >= self.max_days:
            self.add_error("last", f"A report has at most {self.max_days} days.")
        return found

    @property
    def period(self) -> Period:
        """Return the days of a valid form."""
        return Period(self.cleaned_data["first"], self.cleaned_data["last"])


class ReportForm(PeriodForm):
    """The days of the broker's result, and what there is a row for."""

    max_days = MAX_DAYS

    grouping = forms.ChoiceField(
        label="By", choices=Grouping.choices, widget=UnfoldAdminSelectWidget
    )

    @property
    def chosen_grouping(self) -> Grouping:
        """Return what a valid form asks a row for."""
        return Grouping(self.cleaned_data["grouping"])


def today() -> date:
    """Return the present day in UTC."""
    return datetime.fromtimestamp(now(), UTC).date()


def form_of_query(query: dict[str, str]) -> ReportForm:
    """Return the form as it was sent; what was not sent is the last days, by day."""
    last = today()
    defaults = {
        "first": str(last - timedelta(DEFAULT_DAYS - 1)),
        "last": str(last),
        "grouping": Grouping.DAY.value,
    }
    return ReportForm({**defaults, **query})


def period_of_query(query: dict[str, str]) -> PeriodForm:
    """Return the form as it was sent; what was not sent is this month until today."""
    last = today()
    return PeriodForm({"first": str(last.replace(day=1)), "last": str(last), **query})


def usual_periods(grouping: str) -> list[tuple[str, str]]:
    """Return texts and links of the usual periods, with the same rows."""
    day = today()
    month = day.replace(day=1)
    last_month = month - timedelta(1)
    periods = {
        "Today": (day, day),
        "Yesterday": (day - timedelta(1), day - timedelta(1)),
        "7 days": (day - timedelta(6), day),
        "30 days": (day - timedelta(29), day),
        "This month": (month, day),
        "Last month": (last_month.replace(day=1), last_month),
    }
    return [
        (text, f"?{urlencode({'first': first, 'last': last, 'grouping': grouping})}")
        for text, (first, last) in periods.items()
    ]
