"""Decimals as people type them: never a number that somebody could not have meant."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.numbers import AmbiguousNumber, read_typed_decimal
from tests.fuzz import examples
from tests.not_numbers import NOT_DECIMAL

CONVENTIONS = [
    (decimal_sign, group)
    for decimal_sign in ".,"
    for group in ("", ".", ",", " ", "\u00a0", "\u202f", "'", "\u2019")
    if group != decimal_sign
]
CENTS = st.decimals(-(10**12), 10**12, places=2)
LONGER = st.decimals(-(10**9), 10**9, places=3)


def written(number: Decimal, decimal_sign: str, group: str, *, shortly: bool) -> str:
    """Write the number as people of one country do; `shortly` without decimals that are 0."""
    whole, _, decimals = f"{number:,f}".partition(".")
    decimals = decimals.rstrip("0") if shortly else decimals
    return whole.replace(",", group) + (decimal_sign + decimals if decimals else "")


@given(
    st.one_of(CENTS, LONGER, st.integers(0, 9999).map(Decimal)), st.sampled_from(CONVENTIONS),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=examples(400, quick=150))
def test_a_number_of_any_country_is_read_as_meant_or_refused(
    meant: Decimal, convention: tuple[str, str], shortly: bool
) -> None:
    text = written(meant, *convention, shortly=shortly)
    try:
        meanings = [read_typed_decimal(text)]
    except AmbiguousNumber as error:
        meanings = error.meanings
        assert len(meanings) == 2
    assert meant in meanings
    assert len(meanings) == 1 or abs(meant) < 10**6


@given(st.text("0123456789.,' -", max_size=12))
@settings(max_examples=examples(400, quick=150))
def test_what_is_read_is_a_way_to_write_the_number(text: str) -> None:
    """Whatever is accepted is how somebody writes the number, but for zeros in front of it."""
    try:
        number = read_typed_decimal(text)
    except ValueError:
        return
    found = {
        written(abs(number), sign, group, shortly=False).lstrip("0") for sign, group in CONVENTIONS
    }
    assert text.removeprefix("-").lstrip("0") in found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000,50", "1000.50"), ("1,000.50", "1000.50"), ("1.000,50", "1000.50"),
        ("1 000", "1000"), ("1\u202f000,5", "1000.5"), ("1'000.50", "1000.50"),
        ("1,000,000", "1000000"), ("1.000.000,01", "1000000.01"), ("0,125", "0.125"),
        (".5", "0.5"), (",5", "0.5"), ("-12,34", "-12.34"), ("\u22125", "-5"), ("010", "10"),
        ("1000.500", "1000.5"),
    ],
)  # fmt: skip
def test_what_can_mean_one_number_is_read(text: str, number: str) -> None:
    assert read_typed_decimal(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1,000", "1.000", "-12,345", "999.999"])
def test_what_may_mean_two_numbers_is_refused(text: str) -> None:
    with pytest.raises(AmbiguousNumber):
        read_typed_decimal(text)


def test_a_point_in_a_price_is_a_decimal_point() -> None:
    assert read_typed_decimal("1.105", point_is_decimal=True) == Decimal("1.105")
    assert read_typed_decimal("1.000.000", point_is_decimal=True) == 1_000_000
    with pytest.raises(AmbiguousNumber):
        read_typed_decimal("1,105", point_is_decimal=True)


@pytest.mark.parametrize("text", [*NOT_DECIMAL, "", "-", ".", "5.", "1,00,000", "1.2.3", "1" * 101])
def test_what_nobody_writes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_typed_decimal(text)
