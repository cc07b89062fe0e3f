"""Inputs of the market routes."""

from django.core.validators import RegexValidator

from api.fields import IntField, SymbolField, TextField
from api.inputs import Input

SMALLEST, BIGGEST = -(2**31), 2**31 - 1


class Watch(Input):
    """A symbol for a list."""

    symbol = SymbolField()
    prefix = TextField(default="web", max_length=32)
    sort_index = IntField(required=False, min_value=SMALLEST, max_value=BIGGEST)
    color = TextField(
        required=False, max_length=7, validators=[RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z")]
    )


class WatchList(Input):
    """The list's name."""

    prefix = TextField(max_length=32)


class Unwatch(Input):
    """A symbol of a list."""

    symbol = SymbolField()
    prefix = TextField(default="web", max_length=32)
