"""Stored JSON on pages: unfold's own colours are inline styles, which the pages may not have."""

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString


def document(value: Any, encoder: Any) -> SafeString:
    """The value as indented JSON; decimals exactly as the encoder spells them."""
    text = json.dumps(value, sort_keys=True, indent=2, cls=encoder, ensure_ascii=False)
    return format_html('<pre class="document">{}</pre>', text)


def show() -> None:
    """Let unfold's read-only fields show JSON so; it has no setting for it."""
    from unfold import fields

    fields.prettify_json = document
