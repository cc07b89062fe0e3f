"""The grammars of numbers: JSON's for machines, a number field's for people."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.numbers import (
    as_integer,
    is_digits,
    is_form_number,
    read_decimal,
    read_float,
    read_integer,
    read_length,
)
from tests.budgets.product import product_files
from tests.not_numbers import ARABIC, FULL_WIDTH, NO_DECIMALS, NO_INTEGERS, NOT_TYPED

# Python's own readers of text, where what they read is the platform's own and nobody typed it.
OWN = re.compile(r"\.is(decimal|digit|numeric)\(|type=(int|float)\b|forms\.(Integer|Decimal)Field")


@pytest.mark.parametrize("text", NO_INTEGERS)
def test_malformed_integers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        read_integer(text)


@pytest.mark.parametrize("text", NO_DECIMALS)
def test_malformed_decimals_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_decimal(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-0", 0), ("-7", -7), ("1921", 1921)])
def test_whole_numbers_are_read(text: str, number: int) -> None:
    assert read_integer(text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.10", "0.5", "12E+2", "1e-8"])
def test_numbers_are_read_exactly(text: str) -> None:
    assert read_decimal(text) == Decimal(text)


@pytest.mark.parametrize("text", ["0", "-1", "05", "5.0", "5.", ".5", "1e3"])
def test_a_form_accepts_what_a_number_field_sends(text: str) -> None:
    assert is_form_number(text)
    assert read_float(text) == float(text)


@pytest.mark.parametrize("text", [*NOT_TYPED, "", ".", "-", "inf"])
def test_a_form_refuses_any_other_text(text: str) -> None:
    assert not is_form_number(text)
    with pytest.raises(ValueError, match="is not a number"):
        read_float(text)


def test_only_ascii_digits_count_as_digits() -> None:
    assert is_digits("0123456789")
    assert not any(map(is_digits, ("", "-1", "1 ", ARABIC, FULL_WIDTH, "²")))


@pytest.mark.parametrize("text", [None, "", "-1", "1_0", "+5", ARABIC, "9" * 20])
def test_a_malformed_content_length_counts_as_none(text: str | None) -> None:
    assert read_length(text) == 0
    assert read_length("1200") == 1200


def test_product_code_parses_numbers_only_with_core_numbers() -> None:
    root = Path(__file__).resolve().parents[2]
    names = {
        str(path.relative_to(root)) for path in product_files() if OWN.search(path.read_text())
    }
    assert names == set()


@pytest.mark.parametrize("number", [10.0, Decimal("10.00"), Decimal("1E+1")])
def test_a_whole_number_may_have_decimals(number: float | Decimal) -> None:
    assert as_integer(number) == 10


@pytest.mark.parametrize(
    "number",
    [1.5, 2.0**53, -(2.0**53), float("inf"), float("nan"), Decimal("1E+999999"),
     Decimal("1E-999999"), Decimal(2**63)],
)  # fmt: skip
def test_other_numbers_are_not_whole(number: float | Decimal) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        as_integer(number)
