"""The one rounding of amounts: half away from zero, and never -0."""

from decimal import Decimal as D

import pytest

from core.json import plain
from core.money import cents


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("0.005", "USD", "0.01"),
        ("-0.005", "USD", "-0.01"),
        ("-0.00499999", "USD", "0.00"),
        ("-0.0", "USD", "0.00"),
        ("-0.49", "JPY", "0"),
        ("-0.5", "JPY", "-1"),
        ("1234567890123456.785", "EUR", "1234567890123456.79"),
    ],
)
def test_an_amount_is_rounded_half_away_from_zero(amount: str, currency: str, written: str) -> None:
    assert str(cents(D(amount), currency)) == written


def test_a_loss_of_less_than_half_a_cent_is_shown_as_nothing() -> None:
    assert plain(cents(D("-0.004"), "USD")) == "0"
    assert str(float(cents(D("-0.004"), "USD"))) == "0.0"
