"""Columns and read-only fields that format stored numbers for people."""

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

from core.clock import utc_text, utc_text_ms
from core.json import plain
from core.money import digits_of

NOTHING = "–"
Column = Any  # a function of the row: django-stubs know none among the fields of a page


def utc(seconds: int) -> str:
    """Format unix seconds in UTC; 0 as a dash."""
    return utc_text(seconds) if seconds else NOTHING


def utc_ms(milliseconds: int) -> str:
    """Format unix milliseconds in UTC with three decimals; 0 as a dash."""
    return utc_text_ms(milliseconds) if milliseconds else NOTHING


def price(value: Decimal | None) -> str:
    """Format a price without trailing zeros; 0 and None as a dash."""
    return plain(value) if value else NOTHING


def amount(value: Decimal, currency: str) -> str:
    """Format an amount with the currency's decimals, or more where it has more."""
    digits = digits_of(currency)
    fine = value == round(value, digits)
    return f"{value:,.{digits}f}" if fine else f"{value.normalize():,f}"


# What exports write instead of these functions' texts.
NUMBERS: dict[Any, Callable[[Any], Any]] = {str: lambda v: v, price: lambda v: v or None}


def column(
    field: str,
    title: str,
    show: Callable[[Any], str],
    order: str = "",
    number: Callable[[Any], Any] | None = None,
) -> Column:
    """Return a column of `field` (dots follow relations), sortable by the field itself.

    `show` formats the value; exports write what `number` makes of the value instead.
    """
    read = attrgetter(field)
    result = _named(lambda obj: show(read(obj)), field, title)
    result.admin_order_field = order or field.replace(".", "__")
    number = number or NUMBERS.get(show)
    if number is not None:
        result.number = lambda obj: number(read(obj))
    return result


def money(field: str, title: str, currency: str) -> Column:
    """Return a column of an amount; `currency` is the path to its currency, by dots."""
    value, unit = attrgetter(field), attrgetter(currency)
    result = _named(lambda obj: amount(value(obj), unit(obj)), field, title)
    result.admin_order_field = field
    result.number = value
    return result


def time(field: str, title: str) -> Column:
    """Return a column of unix seconds."""
    return column(field, f"{title} (UTC)", utc)


def time_ms(field: str, title: str) -> Column:
    """Return a column of unix milliseconds."""
    return column(field, f"{title} (UTC)", utc_ms)


def prices(*fields: str) -> list[Column]:
    """Return columns of prices with titles made of the fields' names."""
    return [column(field, _title(field), price) for field in fields]


def _title(field: str) -> str:
    words = field.removesuffix("_price").replace("_", " ")
    return words.upper() if words in ("sl", "tp") else words


def _named(function: Any, field: str, title: str) -> Column:
    function.__name__ = field.replace(".", "_")
    function.short_description = title
    return function
