"""The only reader of numbers that arrive as text.

Python's own `int` and `Decimal` also read `19_21`, `+1`, ` 1 `, `NaN` and the digits of
every script; a number of the contract is a number of JSON. Whole numbers that people type
follow the grammar of a browser's number field instead, which sends `.5` and `05` as they
were typed; decimals are read as people of any country write them.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal, InvalidOperation

BIGGEST = 2**63 - 1  # what a bigint column holds
MOST_EXACT = 2**53 - 1  # up to it every whole number has a float of its own
LONGEST = 100  # characters
INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")  # of JSON
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")  # of JSON
TYPED = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")  # of a number field
DIGITS = re.compile(r"[0-9]+")
# How people write decimals: the sign before the decimals, and what parts groups of thousands.
BLANK, APOSTROPHE = "[ \u00a0\u2009\u202f]", "['\u2019]"
WRITTEN = [
    (sign, re.compile(rf"([0-9]+|[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+)?([{sign}][0-9]+)?"))
    for sign, groups in ((".", (",", BLANK, APOSTROPHE)), (",", ("[.]", BLANK, APOSTROPHE)))
    for group in groups
]


def read_integer(text: str) -> int:
    """Read a whole number in JSON's grammar.

    Raises:
        ValueError: it is none, or longer than LONGEST.
    """
    if len(text) > LONGEST or not INTEGER.fullmatch(text):
        raise ValueError(f"{text[:LONGEST]!r} is not a whole number")
    return int(text)


def as_integer(number: float | Decimal) -> int:
    """Return the number as an int where it is a whole one: `10.0` is ten.

    Raises:
        ValueError: it has decimals, is NaN, or is so large that a float of it may stand for
            another number.
    """
    most = MOST_EXACT if isinstance(number, float) else BIGGEST
    if not -most <= number <= most or number != int(number):
        raise ValueError(f"{number} is not a whole number")
    return int(number)


def read_decimal(text: str) -> Decimal:
    """Read a number in JSON's grammar. Raises ValueError as `read_integer` does."""
    if len(text) <= LONGEST and NUMBER.fullmatch(text):
        with suppress(InvalidOperation):  # an exponent of more digits than Decimal has
            return Decimal(text)
    raise ValueError(f"{text[:LONGEST]!r} is not a number")


class AmbiguousNumber(ValueError):
    """A text by which people of different countries mean different numbers."""

    def __init__(self, text: str, meanings: Iterable[Decimal]) -> None:
        self.text, self.meanings = text, sorted(meanings, reverse=True)
        super().__init__(f"{text!r} may mean {' or '.join(map(str, self.meanings))}")


def read_typed_decimal(text: str, *, point_is_decimal: bool = False) -> Decimal:
    """Read a decimal as people write it: `1000,50`, `1,000.50`, `1.000,50`, `1 000`, `1'000`.

    `1,000` and `1.000` may be a thousand or one; with `point_is_decimal`, as in prices, which
    nobody groups with points, the latter is one.

    Raises:
        AmbiguousNumber: it may mean two numbers.
        ValueError: it is no number.
    """
    meanings = _meanings_of(text) if len(text) <= LONGEST else {}
    if not meanings:
        raise ValueError(f"{text[:LONGEST]!r} is not a number")
    if len(meanings) > 1 and not (point_is_decimal and "," not in text):
        raise AmbiguousNumber(text, meanings.values())
    return meanings.get(".", meanings.get(",", Decimal(0)))


def _meanings_of(text: str) -> dict[str, Decimal]:
    """Return what the text means with either decimal sign; one if both mean the same."""
    found: dict[str, Decimal] = {}
    minus, digits = ("-", text[1:]) if text[:1] in ("-", "\u2212") else ("", text)
    for sign, pattern in WRITTEN:
        if digits and pattern.fullmatch(digits):
            whole, point, decimals = digits.partition(sign)
            whole = re.sub("[^0-9]", "", whole)
            value = Decimal(minus + whole + point.replace(",", ".") + decimals)
            if value not in found.values():
                found[sign] = value
    return found


def read_length(text: str | None) -> int:
    """Read the bytes that a Content-Length announces; 0 where it is no number."""
    return int(text) if text and len(text) < 20 and is_digits(text) else 0


def read_float(text: str) -> float:
    """Read a number of a command line or of another program's file, in the grammar of forms.

    Raises:
        ValueError: it is none, or longer than LONGEST.
    """
    if not is_form_number(text):
        raise ValueError(f"{text[:LONGEST]!r} is not a number")
    return float(text)


def is_form_number(text: str) -> bool:
    """Return whether a number field may send the text as its number."""
    return len(text) <= LONGEST and TYPED.fullmatch(text) is not None


def is_digits(text: str) -> bool:
    """Return whether the text consists of the digits 0 to 9, of which there is at least one."""
    return DIGITS.fullmatch(text) is not None
