"""A jump after a silence, a start or an opening is held until further quotes confirm it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from market.enums import Refusal
from market.feed.intake import Intake
from market.hours import Hours, parse_sessions
from tests.market.feed.feed_helpers import NOON, unsaved_symbol

HELD, FILTERED = Refusal.HELD, Refusal.FILTERED
PAUSE = 61_000  # ms, longer than the timeout
SPREAD = 0.1


class Source:
    """Sends bids of one symbol; `clock` is receipt and source time, in unix ms."""

    def __init__(self, hours: Hours | None = None, **fields: Any) -> None:
        fields = {"digits": 2, "quote_timeout": 60, **fields}
        self.intake = Intake(
            [unsaved_symbol("XAUUSD", **fields)], hours={"XAUUSD": hours} if hours else {}
        )
        self.clock = NOON

    def send(self, *bids: float) -> list[Refusal | None]:
        """Send bids a second apart; return the refusals."""
        return [self._send(bid) for bid in bids]

    def _send(self, bid: float) -> Refusal | None:
        self.clock += 1000
        ask = round(bid + SPREAD, 2)
        return self.intake.accept("XAUUSD", bid, ask, self.clock, self.clock)

    def published(self) -> list[float]:
        """The bids that the path gets."""
        return [tick[1] for part in self.intake.take_collected().batches for tick in part.ticks]


def silent_source(**fields: Any) -> Source:
    """Return a source that was at 100 before a pause."""
    source = Source(**fields)
    assert source.send(100.0) == [None]
    source.intake.take_collected()
    source.intake.candles.take_changed()
    source.clock += PAUSE
    return source


def test_a_bad_quote_after_a_silence_is_held_and_good_ones_are_accepted() -> None:
    source = silent_source()
    assert source.send(5.0, 100.1, 100.2, 100.3) == [HELD, None, None, None]
    assert source.intake.take_collected().refused == {("XAUUSD", HELD): 1}
    lows = {bar.low for bar in source.intake.candles.take_changed().values()}
    assert 5.0 not in lows


def test_a_gap_is_accepted_with_the_third_confirming_quote() -> None:
    source = silent_source()
    assert source.send(90.0, 90.1, 90.2, 90.3, 90.4) == [HELD, HELD, HELD, None, None]
    assert source.published() == [90.3, 90.4]


@pytest.mark.parametrize("needed", [1, 2, 5])
def test_the_number_of_confirmations_is_the_symbols_setting(needed: int) -> None:
    source = silent_source(filter_confirmations=needed)
    answers = source.send(*[90.0] * (needed + 2))
    assert answers == [HELD] * needed + [None, None]


def test_a_bad_quote_before_a_real_gap_does_not_prolong_the_hold() -> None:
    source = silent_source()
    assert source.send(5.0, 90.0, 90.1, 90.2, 90.3) == [HELD] * 4 + [None]
    assert source.published() == [90.3]


def test_confirming_quotes_must_agree_with_the_first_held_one() -> None:
    source = silent_source()
    assert source.send(50.0, 52.0, 54.0, 56.0, 58.0) == [HELD] * 5  # each is 4 % on, in all 16 %


def test_alternating_spikes_are_never_accepted() -> None:
    source = silent_source()
    assert set(source.send(*(5.0, 300.0, 20.0) * 20)) == {HELD}
    assert source.send(101.0) == [None]


def test_a_quote_within_the_filter_is_accepted_at_once_after_a_silence() -> None:
    assert silent_source().send(95.5) == [None]


def test_the_quote_after_a_confirmed_one_is_compared_with_it() -> None:
    source = silent_source()
    source.send(90.0, 90.0, 90.0, 90.0)
    assert source.send(100.0, 90.1) == [FILTERED, None]


def test_without_a_filter_nothing_is_held() -> None:
    assert silent_source(filter_percent=Decimal(0)).send(5.0, 100.0) == [None, None]


def test_the_first_quote_of_a_symbol_without_history_is_accepted() -> None:
    assert Source().send(5.0) == [None]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_a_jump_over_an_opening_is_held_even_if_the_pause_was_short() -> None:
    week = (parse_sessions("00:00-11:59, 12:00-24:00"),) * 7  # a minute's break
    source = Source(Hours(UTC, week), quote_timeout=600)
    source.clock = at("2026-11-25T11:58:30")
    assert source.send(100.0, 5.0) == [None, FILTERED]
    assert source.send(100.0) == [None]
    source.clock = at("2026-11-25T12:00:05")
    assert source.send(5.0, 100.2) == [HELD, None]


def test_midnight_in_an_open_market_does_not_count_as_an_opening() -> None:
    source = Source(Hours(UTC, (parse_sessions("00:00-24:00"),) * 7), quote_timeout=600)
    source.clock = at("2026-11-25T23:59:50")
    assert source.send(100.0) == [None]
    source.clock = at("2026-11-26T00:00:10")
    assert source.send(5.0) == [FILTERED]


def test_after_a_weekend_a_bad_quote_is_held_and_the_real_gap_accepted() -> None:
    week = ((), *(parse_sessions("00:00-24:00"),) * 5, ())
    source = Source(Hours(UTC, week))
    source.clock = at("2026-11-27T23:59:50")
    source.send(100.0)
    source.intake.take_collected()
    source.clock = at("2026-11-30T00:00:01")
    assert source.send(5.0, 92.0, 92.1, 92.2, 92.3) == [HELD] * 4 + [None]
    assert source.published() == [92.3]


def test_a_held_quotes_time_does_not_bar_later_quotes() -> None:
    source = silent_source()
    ahead = source.clock + 200_000
    assert source.intake.accept("XAUUSD", 5.0, 5.1, ahead, source.clock) == HELD
    assert source.send(100.1) == [None]
