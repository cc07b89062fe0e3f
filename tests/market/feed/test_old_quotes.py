"""Quotes received too late go into candles only, and never trigger or fill."""

from decimal import Decimal

import pytest

from market.enums import Refusal
from market.feed.intake import Intake
from tests.market.feed.feed_helpers import NOON, unsaved_symbol

AGE = 300_000  # ms, the default


def intake(recorded: bool = False, **fields: object) -> Intake:
    return Intake([unsaved_symbol("EURUSD", **fields)], recorded=recorded)


def volumes(feed: Intake) -> set[int]:
    """Of the candles that have changed."""
    return {bar.volume for bar in feed.candles.take_changed().values()}


def test_a_quote_older_than_the_symbols_limit_is_only_in_the_candles() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON + AGE + 1) == Refusal.OLD
    collected = feed.take_collected()
    (part,) = collected.batches
    assert (part.ticks, part.newest, part.old) == ([], {}, [("EURUSD", 1.1, NOON)])
    assert collected.refused == {("EURUSD", Refusal.OLD): 1}
    assert volumes(feed) == {1}


def test_a_quote_exactly_at_the_age_limit_is_accepted() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON + AGE) is None
    assert feed.take_collected().batches


@pytest.mark.parametrize(("seconds", "old"), [(10, True), (3600, False), (0, False)])
def test_the_age_limit_is_the_symbols_setting_and_zero_is_off(seconds: int, old: bool) -> None:
    feed = intake(max_source_age=seconds)
    answer = feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON + 3_000_000)
    assert answer == (Refusal.OLD if old else None)


def test_recorded_quotes_are_never_too_old() -> None:
    feed = intake(recorded=True)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON + 10**11) is None


def test_old_quotes_do_not_bar_current_ones_and_count_once() -> None:
    feed, now = intake(), NOON + 600_000
    sent = [("EURUSD", 1.1, 1.1001, NOON + i * 1000, now) for i in range(5)]
    assert {feed.accept(*tick) for tick in sent} == {Refusal.OLD}
    assert {feed.accept(*tick) for tick in sent[:4]} == {Refusal.OUT_OF_ORDER}
    assert feed.accept("EURUSD", 1.1, 1.1001, now, now) is None
    assert len(feed.take_collected().batches[0].old) == 5


def test_old_quotes_are_not_compared_with_the_present_price() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON) is None
    now = NOON + 600_000
    for i in range(1, 9):  # a bad one, sent again and again
        feed.accept("EURUSD", 0.05, 0.0501, NOON + i, now)
    assert feed.accept("EURUSD", 1.1, 1.1001, now, now) is None


def test_an_old_quote_that_jumps_is_in_no_candle_until_it_is_confirmed() -> None:
    feed, now = intake(), NOON + 600_000
    feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON)
    feed.candles.take_changed()
    answers = [feed.accept("EURUSD", 0.9, 0.9001, NOON + i, now) for i in range(1, 6)]
    assert answers == [Refusal.HELD] * 3 + [Refusal.OLD] * 2
    assert len(feed.take_collected().batches[0].old) == 2
    answer = feed.accept("EURUSD", 0.9, 0.9001, now, now)
    assert answer == Refusal.HELD  # the price now is confirmed by quotes of now


def test_old_quotes_are_published_with_the_next_flush() -> None:
    feed = intake()
    feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON + AGE + 1)
    assert feed.waiting == 1


def test_a_changed_age_limit_applies_at_once() -> None:
    feed = intake()
    feed.update_symbols([unsaved_symbol("EURUSD", max_source_age=0, filter_percent=Decimal(5))])
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOON + 10**9) is None
