"""Times as text, also beyond the calendar."""

import pytest

from core.clock import LAST_TIME, date_of, utc_text, utc_text_ms


def test_a_time_is_shown_in_utc() -> None:
    assert utc_text(1_700_000_000) == "2023-11-14 22:13:20"
    assert utc_text_ms(1_700_000_000_007) == "2023-11-14 22:13:20.007"
    assert utc_text(LAST_TIME) == "3000-01-01 00:00:00"


@pytest.mark.parametrize("number", [253_402_300_800, 2**53, 2**63 - 1, -(2**63)])
def test_a_number_beyond_the_calendar_is_shown_as_a_number(number: int) -> None:
    assert date_of(number) is None
    assert utc_text(number) == str(number)
    assert utc_text_ms(number * 1000) == str(number * 1000)
