"""The one rounding of amounts: half away from zero, and never -0."""

from decimal import Decimal as D

import pytest

from core.json import plain_digits
from core.money import round_to_currency


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
    assert str(round_to_currency(D(amount), currency)) == written


def test_a_loss_below_half_a_cent_is_shown_as_zero() -> None:
    assert plain_digits(round_to_currency(D("-0.004"), "USD")) == "0"
    assert str(float(round_to_currency(D("-0.004"), "USD"))) == "0.0"
