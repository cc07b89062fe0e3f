"""The before and after of an audit entry as an HTML table."""

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.models import Entry
from backoffice.columns import NO_VALUE
from core import json

TABLE_HEAD = "<thead><tr><th>field</th><th>before</th><th>after</th></tr></thead>"
TABLE_ROW = '<tr class="{}"><th scope="row">{}</th><td>{}</td><td>{}</td></tr>'
ABSENT = object()


def compare_fields(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    """Yield CSS class, label, before and after of each field.

    A field that only one side has is empty on the other.
    """
    for name in sorted({*entry.before, *entry.after}):
        before, after = entry.before.get(name, ABSENT), entry.after.get(name, ABSENT)
        css_class = "same" if before == after else "changed"
        yield css_class, name.replace("_", " "), format_value(before), format_value(after)


def render_changes(entry: Entry) -> SafeString | str:
    """Return all fields as an HTML table, or a dash without any."""
    body = format_html_join("", TABLE_ROW, compare_fields(entry))
    if not body:
        return NO_VALUE
    return format_html(
        '<div class="house-table differences"><table>'
        + TABLE_HEAD
        + "<tbody>{}</tbody></table></div>",
        body,
    )


def format_value(value: object) -> str:
    """Format a stored value for people."""
    if value is ABSENT or value is None or value in ("", []):
        return NO_VALUE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(format_value, value))
    return json.dumps(value).decode() if isinstance(value, dict) else str(value)
