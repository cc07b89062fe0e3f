"""Primary keys that come from a browser as text."""

from typing import Any

from django.db.models import IntegerField, Model

from core.numbers import read_integer


def may_be_key(model: type[Model], text: str) -> bool:
    """Return whether the text can be a key; a numeric one has the digits 0 to 9 alone.

    Django would look for row 10 at `1_0`.
    """
    key: Any = model._meta.pk
    while key.is_relation:
        key = key.target_field
    if not isinstance(key, IntegerField):
        return True
    try:
        read_integer(text)
    except ValueError:
        return False
    return True
