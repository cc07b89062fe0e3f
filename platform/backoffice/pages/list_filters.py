"""Filters of the admin's lists."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.contrib.admin import FieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, Model, QuerySet
from django.forms import ChoiceField, Form
from django.http import HttpRequest
from unfold.contrib.filters.forms import RangeDateTimeForm
from unfold.widgets import UnfoldAdminSelectWidget

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as SearchableChoices
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin import SimpleListFilter as SearchableFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter as SearchableChoices
    from unfold.contrib.filters.admin import DropdownFilter as SearchableFilter

__all__ = [
    "ChoicesDropdownFilter",
    "DropdownFilter",
    "MillisecondsRange",
    "SecondsRange",
    "ValuesFilter",
    "titled_filter",
]

RANGE_INPUTS = ("from_0", "from_1", "to_0", "to_1")  # date and time of both ends
LONGEST_ECHO = 60  # characters of what was sent
DEFAULT_TIMES = {"from_1": "00:00:00", "to_1": "23:59:59"}  # where only the date is given


class DropdownForm(Form):
    """A filter's choices as the browser's own select: unfold's hides it behind a script's."""

    def __init__(
        self,
        *,
        name: str,
        label: str,
        choices: list[tuple[str, str]],
        data: dict[str, object],
        multiple: bool,
    ) -> None:
        super().__init__(data)
        self.fields[name] = ChoiceField(
            label=label, required=False, choices=choices, widget=UnfoldAdminSelectWidget()
        )


class DropdownFilter(SearchableFilter):
    """A filter by choices of its own."""

    form_class = DropdownForm


class ChoicesDropdownFilter(SearchableChoices):
    """A filter by the choices of a field."""

    form_class = DropdownForm


class ValuesFilter(DropdownFilter):
    """A filter by values of `column`, in labels of our own; a URL has `<column>__exact`."""

    column: ClassVar[str]
    labels: ClassVar[dict[int, str]]

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(str(value), label) for value, label in self.labels.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = self.value()
        known = chosen is not None and chosen in map(str, self.labels)
        return queryset.filter(**{self.column: chosen}) if known else queryset


def titled_filter(kind: type[FieldListFilter], title: str) -> type[FieldListFilter]:
    """Return a filter of the kind whose heading is `title`, not the field's name."""

    class TitledFilter(kind):  # type: ignore[misc, valid-type]  # a class that is given
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return TitledFilter


class SecondsRange(FieldListFilter):
    """A filter from one time to another, in UTC, on a column of unix seconds."""

    template = "unfold/filters/filters_datetime_range.html"
    form_class = RangeDateTimeForm  # the page loads its scripts
    unit: ClassVar[int] = 1  # units of the column in a second

    def __init__(
        self,
        field: "Field[Any, Any]",
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: "ModelAdmin[Any]",
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        self.request = request
        values = {part: self._sent_value(f"{field_path}_{part}") for part in RANGE_INPUTS}
        for part, time in DEFAULT_TIMES.items():
            if values[part.replace("_1", "_0")]:
                values[part] = values[part] or time
        self.form = RangeDateTimeForm(
            name=field_path, data={f"{field_path}_{part}": text for part, text in values.items()}
        )

    def expected_parameters(self) -> list[str | None]:
        return [f"{self.field_path}_{part}" for part in RANGE_INPUTS]

    @property
    def is_set(self) -> bool:
        """Return whether at least one end was sent and is a time."""
        self.form.is_valid()
        return any(self.form.cleaned_data.get(f"{self.field_path}_{end}") for end in ("from", "to"))

    @property
    def duration(self) -> float:
        """Return the length of the range in seconds; infinite where an end is missing."""
        self.form.is_valid()
        ends = [self.form.cleaned_data.get(f"{self.field_path}_{end}") for end in ("from", "to")]
        return (ends[1] - ends[0]).total_seconds() if all(ends) else inf

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.form.is_valid():
            self._refuse(request)
            return queryset.none()
        begin = self.form.cleaned_data.get(f"{self.field_path}_from")
        end = self.form.cleaned_data.get(f"{self.field_path}_to")
        if begin:
            queryset = queryset.filter(**{f"{self.field_path}__gte": self._column_value(begin)})
        if end and not begin:  # 0 is no time; and indexes of some columns have no zeros
            queryset = queryset.filter(**{f"{self.field_path}__gt": 0})
        if end:
            queryset = queryset.filter(
                **{f"{self.field_path}__lt": self._column_value(end) + self.unit}
            )
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"request": self.request, "parameter_name": self.field_path, "form": self.form}

    def _refuse(self, request: HttpRequest) -> None:
        """Say that what was sent is no time; live rows come after the page, which said so."""
        if "X-Background" in request.headers:
            return
        sent = filter(
            None, (self._sent_value(f"{self.field_path}_{part}") for part in RANGE_INPUTS)
        )
        typed = " ".join(sent)[:LONGEST_ECHO]
        messages.error(request, f"“{typed}” is no time. Dates are written 2026-11-28.")

    def _sent_value(self, name: str) -> str:
        values: Any = self.used_parameters.get(name)
        return values[-1] if values else ""

    def _column_value(self, moment: datetime) -> int:
        """Return the time as a value of the column."""
        return int(moment.replace(tzinfo=UTC).timestamp()) * self.unit


class MillisecondsRange(SecondsRange):
    """The same filter on a column of unix milliseconds."""

    unit = 1000
