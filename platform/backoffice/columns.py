"""Columns and read-only fields that format stored numbers for people."""

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import Model

from core.clock import utc_text, utc_text_ms
from core.json import plain_digits
from core.money import digits_of

NO_VALUE = "–"
Column = Any  # a function of the row: django-stubs know none among the fields of a page


def format_utc(seconds: int) -> str:
    """Format unix seconds in UTC; 0 as a dash."""
    return utc_text(seconds) if seconds else NO_VALUE


def format_utc_ms(milliseconds: int) -> str:
    """Format unix milliseconds in UTC with three decimals; 0 as a dash."""
    return utc_text_ms(milliseconds) if milliseconds else NO_VALUE


def format_price(value: Decimal | None, digits: int | None = None) -> str:
    """Format a price with the symbol's digits, or more where it has more; 0 and None as a dash.

    Without `digits`, which a symbol may have lost, without trailing zeros.
    """
    if not value:
        return NO_VALUE
    if digits is None or value != round(value, digits):
        return plain_digits(value)
    return f"{value:.{digits}f}"


def format_amount(value: Decimal, currency: str) -> str:
    """Format an amount with the currency's decimals, or more where it has more."""
    digits = digits_of(currency)
    fits = value == round(value, digits)
    return f"{value:,.{digits}f}" if fits else f"{value.normalize():,f}"


def exact_amount(value: Decimal, currency: str) -> Decimal:
    """Return an amount with its currency's decimals, or with all it has where it has more."""
    rounded = round(value, digits_of(currency))
    return rounded if rounded == value else value


def format_money(value: float | Decimal, currency: str) -> str:
    """Format an amount with its currency's decimals."""
    digits = digits_of(currency)
    return f"{round(float(value), digits) + 0.0:,.{digits}f}"


def format_duration(milliseconds: float) -> str:
    """Format a duration given in ms, in the unit that reads best."""
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds:.0f} ms"
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"


# What exports write instead of these functions' texts.
EXPORT_VALUES: dict[Any, Callable[[Any], Any]] = {str: lambda v: v}


def field_column(
    field: str,
    title: str,
    format_value: Callable[[Any], str],
    order: str = "",
    export_value: Callable[[Any], Any] | None = None,
    css_class: str = "",
) -> Column:
    """Return a column of `field` (dots follow relations), sortable by the field itself.

    `format_value` formats the value; exports write what `export_value` makes of it instead. The
    CSS class is `number` for figures, `text` for what may be long.
    """
    read = attrgetter(field)
    result = _set_title(lambda obj: format_value(read(obj)), field, title)
    result.admin_order_field = order or field.replace(".", "__")
    result.css_class = css_class
    export_value = export_value or EXPORT_VALUES.get(format_value)
    if export_value is not None:
        result.number = lambda obj: export_value(read(obj))
    return result


def money_column(field: str, title: str, currency: str, *, toned: bool = False) -> Column:
    """Return a column of an amount; `currency` is the path to its currency, by dots.

    A `toned` one is a result: gains are green, losses red.
    """
    value, unit = attrgetter(field), attrgetter(currency)
    result = _set_title(lambda obj: format_amount(value(obj), unit(obj)), field, title)
    result.admin_order_field = field
    result.number = lambda obj: exact_amount(value(obj), unit(obj))
    result.css_class = "number"
    if toned:
        result.tone = lambda obj: tone_of(value(obj))
    return result


def tone_of(amount: float | Decimal | None) -> str:
    """Return the tone of a result: that of a gain, of a loss, or none."""
    return "" if not amount else "good" if amount > 0 else "bad"


def number_display(description: str, ordering: str | None = None) -> Callable[[Column], Column]:
    """Return a decorator for a page's method whose texts are figures, as `admin.display`."""

    def decorate(method: Column) -> Column:
        result = admin.display(description=description, ordering=ordering)(method)
        result.css_class = "number"
        return result

    return decorate


def time_column(field: str, title: str) -> Column:
    """Return a column of unix seconds."""
    return field_column(field, f"{title} (UTC)", format_utc)


def time_ms_column(field: str, title: str) -> Column:
    """Return a column of unix milliseconds."""
    return field_column(field, f"{title} (UTC)", format_utc_ms)


def price_columns(*fields: str, digits: Callable[[Model], int | None]) -> list[Column]:
    """Return columns of prices with titles made of the fields' names.

    `digits` returns the digits of a row's symbol.
    """
    return [_price_column(field, digits) for field in fields]


def _price_column(field: str, digits: Callable[[Model], int | None]) -> Column:
    read = attrgetter(field)
    result = _set_title(
        lambda obj: format_price(read(obj), digits(obj)), field, _price_title(field)
    )
    result.admin_order_field = field.replace(".", "__")
    result.number, result.css_class = lambda obj: exact_price(read(obj), digits(obj)), "number"
    return result


def exact_price(value: Decimal | None, digits: int | None) -> Decimal | None:
    """Return a price as exports write it: with the digits that lists show."""
    return Decimal(format_price(value, digits)) if value else None


def _price_title(field: str) -> str:
    title = field.removesuffix("_price").replace("_", " ")
    return title.upper() if title in ("sl", "tp") else title


def _set_title(function: Any, field: str, title: str) -> Column:
    function.__name__ = field.replace(".", "_")
    function.short_description = title
    return function
