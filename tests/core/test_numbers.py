"""The grammars of numbers: JSON's for machines, a number field's for people."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.numbers import is_digits, is_typed, read_decimal, read_float, read_integer, read_length
from tests.budgets.product import product_files
from tests.spelt import ARABIC, FULL_WIDTH, NO_DECIMALS, NO_INTEGERS, NOT_TYPED

# Python's own readers of text, where what they read is the platform's own and nobody typed it.
OWN = re.compile(r"\.is(decimal|digit|numeric)\(|type=(int|float)\b|forms\.(Integer|Decimal)Field")


@pytest.mark.parametrize("text", NO_INTEGERS)
def test_what_is_no_whole_number_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        read_integer(text)


@pytest.mark.parametrize("text", NO_DECIMALS)
def test_what_is_no_number_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_decimal(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-0", 0), ("-7", -7), ("1921", 1921)])
def test_whole_numbers_are_read(text: str, number: int) -> None:
    assert read_integer(text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.10", "0.5", "12E+2", "1e-8"])
def test_numbers_are_read_exactly(text: str) -> None:
    assert read_decimal(text) == Decimal(text)


@pytest.mark.parametrize("text", ["0", "-1", "05", "5.0", "5.", ".5", "1e3"])
def test_a_form_takes_what_a_number_field_sends(text: str) -> None:
    assert is_typed(text)
    assert read_float(text) == float(text)


@pytest.mark.parametrize("text", [*NOT_TYPED, "", ".", "-", "inf"])
def test_a_form_takes_nothing_else(text: str) -> None:
    assert not is_typed(text)
    with pytest.raises(ValueError, match="is not a number"):
        read_float(text)


def test_digits_are_those_from_0_to_9() -> None:
    assert is_digits("0123456789")
    assert not any(map(is_digits, ("", "-1", "1 ", ARABIC, FULL_WIDTH, "²")))


@pytest.mark.parametrize("text", [None, "", "-1", "1_0", "+5", ARABIC, "9" * 20])
def test_a_length_that_is_no_number_is_none(text: str | None) -> None:
    assert read_length(text) == 0
    assert read_length("1200") == 1200


def test_no_code_reads_numbers_in_a_way_of_its_own() -> None:
    root = Path(__file__).resolve().parents[2]
    names = {
        str(path.relative_to(root)) for path in product_files() if OWN.search(path.read_text())
    }
    assert names == set()
