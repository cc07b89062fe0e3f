"""Cells of exports: a list's columns as plain values."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from operator import attrgetter
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from backoffice.columns import NO_VALUE, Column
from core.spreadsheets import escape_formula

ExportCell = str | int | float | Decimal | None


def column_titles(page: "ModelAdmin[Any]", entries: Sequence[Column]) -> list[str]:
    """Return the headings of the columns as the list shows them."""
    headings = (
        str(getattr(entry, "export_title", "") or label_for_field(entry, page.model, page))
        for entry in entries
    )
    return [escape_formula(capfirst(head)) for head in headings]


def cell_reader(
    page: "ModelAdmin[Any]", entries: Sequence[Column]
) -> Callable[[Model], list[ExportCell]]:
    """Return a function that returns the cells of a row."""
    readers = [_value_reader(page, entry) for entry in entries]
    return lambda row: [plain_cell(read(row)) for read in readers]


def _value_reader(page: "ModelAdmin[Any]", entry: Column) -> Callable[[Model], Any]:
    """Return a function that returns the value of a row in the column `entry`."""
    number = getattr(entry, "number", None)
    if number is not None:
        return number  # type: ignore[no-any-return]  # of `backoffice.columns`
    if callable(entry):
        return entry  # type: ignore[no-any-return]  # as above
    field = {field.name: field for field in page.opts.concrete_fields}.get(entry)
    if field is None:
        own = getattr(page, entry, None)  # a method of the page, or an attribute of the row
        return own or attrgetter(entry)
    if field.flatchoices:
        labels = {value: str(label) for value, label in field.flatchoices}
        return lambda row: labels.get(getattr(row, entry), getattr(row, entry))
    return attrgetter(entry)


def plain_cell(value: object) -> ExportCell:
    """Return numbers as they are, times as UTC text, all else as text.

    No text can be read as a formula by a spreadsheet.
    """
    match value:
        case None | int() | float() | Decimal():
            return ("no", "yes")[value] if isinstance(value, bool) else value
        case datetime():
            text = f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case SafeString():
            text = unescape(strip_tags(value)).strip()
        case list() | tuple():
            text = " ".join(str(plain_cell(each)) for each in value)
        case _:
            text = str(value)
    return None if text == NO_VALUE else escape_formula(text)
