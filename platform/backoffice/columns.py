"""Columns and read-only fields that show stored numbers as people read them."""

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
    """Unix seconds as UTC text; 0 is none."""
    return utc_text(seconds) if seconds else NOTHING


def utc_ms(milliseconds: int) -> str:
    """Unix milliseconds as UTC text with three decimals; 0 is none."""
    return utc_text_ms(milliseconds) if milliseconds else NOTHING


def price(value: Decimal | None) -> str:
    """A price without trailing zeros; 0 is none."""
    return plain(value) if value else NOTHING


def amount(value: Decimal, currency: str) -> str:
    """An amount with the currency's decimals; more where the stored figure has more."""
    digits = digits_of(currency)
    fine = value == round(value, digits)
    return f"{value:,.{digits}f}" if fine else f"{value.normalize():,f}"


# What the texts of these functions are made of, for exports.
NUMBERS: dict[Any, Callable[[Any], Any]] = {str: lambda v: v, price: lambda v: v or None}


def column(
    field: str,
    title: str,
    show: Callable[[Any], str],
    order: str = "",
    number: Callable[[Any], Any] | None = None,
) -> Column:
    """A column of `field` (dots follow relations), sortable by the field itself.

    `number` makes of the value what an export shows instead of the text.
    """
    read = attrgetter(field)
    result = _named(lambda obj: show(read(obj)), field, title)
    result.admin_order_field = order or field.replace(".", "__")
    number = number or NUMBERS.get(show)
    if number is not None:
        result.number = lambda obj: number(read(obj))
    return result


def money(field: str, title: str, currency: str) -> Column:
    """A column of an amount; `currency` is where the row has it, by dots."""
    value, unit = attrgetter(field), attrgetter(currency)
    result = _named(lambda obj: amount(value(obj), unit(obj)), field, title)
    result.admin_order_field = field
    result.number = value
    return result


def time(field: str, title: str) -> Column:
    """A column of unix seconds."""
    return column(field, f"{title} (UTC)", utc)


def time_ms(field: str, title: str) -> Column:
    """A column of unix milliseconds."""
    return column(field, f"{title} (UTC)", utc_ms)


def prices(*fields: str) -> list[Column]:
    """Columns of prices, called as their fields, without the word; stop loss and take profit."""
    return [column(field, _title(field), price) for field in fields]


def _title(field: str) -> str:
    words = field.removesuffix("_price").replace("_", " ")
    return words.upper() if words in ("sl", "tp") else words


def _named(function: Any, field: str, title: str) -> Column:
    function.__name__ = field.replace(".", "_")
    function.short_description = title
    return function
