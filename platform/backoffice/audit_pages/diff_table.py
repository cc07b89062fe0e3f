"""The before and after of an audit entry as an HTML table."""

from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.models import Entry
from backoffice.columns import NOTHING
from core import json

HEAD = "<thead><tr><th>field</th><th>before</th><th>after</th></tr></thead>"
ROW = '<tr class="{}"><th scope="row">{}</th><td>{}</td><td>{}</td></tr>'
ABSENT = object()


def rows(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    """Yield CSS class, label, before and after of each field.

    A field that only one side has is empty on the other.
    """
    for name in sorted({*entry.before, *entry.after}):
        before, after = entry.before.get(name, ABSENT), entry.after.get(name, ABSENT)
        kind = "same" if before == after else "changed"
        yield kind, name.replace("_", " "), said(before), said(after)


def table(entry: Entry) -> SafeString | str:
    """Return all fields as an HTML table, or a dash without any."""
    body = format_html_join("", ROW, rows(entry))
    if not body:
        return NOTHING
    return format_html(
        '<div class="house-table differences"><table>' + HEAD + "<tbody>{}</tbody></table></div>",
        body,
    )


def said(value: Any) -> str:
    """Format a stored value for people."""
    if value is ABSENT or value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(said, value))
    return json.dumps(value).decode() if isinstance(value, dict) else str(value)
