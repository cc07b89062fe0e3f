"""What an entry changed, as a table that people read."""

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
    """Class, field, before and after; what only one side names stands on that side alone."""
    for name in sorted({*entry.before, *entry.after}):
        before, after = entry.before.get(name, ABSENT), entry.after.get(name, ABSENT)
        kind = "same" if before == after else "changed"
        yield kind, name.replace("_", " "), said(before), said(after)


def table(entry: Entry) -> SafeString | str:
    """All of it in HTML."""
    body = format_html_join("", ROW, rows(entry))
    if not body:
        return NOTHING
    return format_html(
        '<div class="house-table differences"><table>' + HEAD + "<tbody>{}</tbody></table></div>",
        body,
    )


def said(value: Any) -> str:
    """A stored value as people read it."""
    if value is ABSENT or value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(said, value))
    return json.dumps(value).decode() if isinstance(value, dict) else str(value)
