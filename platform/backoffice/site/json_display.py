"""Stored JSON on pages.

unfold's own colours are inline styles, which the content security policy forbids.
"""

import json

from django.utils.html import format_html
from django.utils.safestring import SafeString


def json_as_html(value: object, encoder: type[json.JSONEncoder] | None) -> SafeString:
    """Return the value as indented JSON in HTML; decimals as the encoder writes them."""
    text = json.dumps(value, sort_keys=True, indent=2, cls=encoder, ensure_ascii=False)
    return format_html('<pre class="document">{}</pre>', text)


def use_for_unfold() -> None:
    """Let unfold's read-only fields display JSON so; it has no setting for it."""
    from unfold import fields

    fields.prettify_json = json_as_html
