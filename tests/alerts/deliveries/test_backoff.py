import pytest

from alerts.deliveries import retry_schedule

NOW = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
HOURS = [2, 5, 10, 14, 20, 24]


def test_delays_are_those_of_the_specification_with_jitter() -> None:
    wanted = [5, 300, 1800, *(hours * 3600 for hours in HOURS)]
    for step, seconds in enumerate(wanted):
        drawn = [retry_schedule.retry_delay(step) or 0 for _ in range(20)]
        assert all(seconds <= delay <= 1.1 * seconds for delay in drawn)
        assert len(set(drawn)) > 1
    assert retry_schedule.retry_delay(len(wanted)) is None


def test_a_verification_is_given_up_before_its_code_expires() -> None:
    delays = [retry_schedule.retry_delay(step, verification=True) for step in range(4)]
    assert delays[3] is None
    assert sum(delay or 0 for delay in delays) < 3600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Tue, 14 Nov 2023 22:15:20 GMT", 120),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0),
        ("999999", 86_400),
        ("9" * 5000, 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        (None, 0),
        ("", 0),
        ("-5", 0),
        ("1.5", 0),
        ("٣", 0),
        ("soon", 0),
        ("Tue, 99 Nov 2023 22:15:20 GMT", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_a_day_at_most(
    header: str | None, seconds: int
) -> None:
    assert retry_schedule.parse_retry_after(header, NOW) == seconds


def test_a_failing_address_is_paused_for_up_to_five_minutes() -> None:
    assert [retry_schedule.pause_after(failures) for failures in (1, 2, 3, 4, 5, 1000)] == [
        5, 20, 80, 300, 300, 300,
    ]  # fmt: skip
