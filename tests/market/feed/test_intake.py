"""Which quotes the intake accepts, and in which order they are collected."""

import math
from decimal import Decimal
from typing import Any

import pytest

from market.enums import Refusal
from market.feed.intake import HIGHEST_PRICE, UNKNOWN_SYMBOLS, Intake
from market.quotes.quote import BATCH_SIZE
from market.quotes.tick_log import PreviousQuote
from tests.market.feed.feed_helpers import NOON, unsaved_symbol

NOW = NOON + 50
AHEAD = 300_000  # ms that a stamp may be ahead of its receipt, FEED_AHEAD's default


def intake(**fields: object) -> Intake:
    return Intake([unsaved_symbol("EURUSD", **fields)])


def test_an_unknown_symbol_is_refused_and_its_name_not_stored() -> None:
    feed = intake()
    for name in ("NOPE", "DROP TABLE"):
        assert feed.accept(name, 1.1, 1.2, NOON, NOW) == Refusal.UNKNOWN_SYMBOL
    assert feed.take_collected().refused == {(UNKNOWN_SYMBOLS, Refusal.UNKNOWN_SYMBOL): 2}


@pytest.mark.parametrize("price", [0.0, -1.1, math.nan, math.inf, -math.inf, HIGHEST_PRICE * 1.01])
def test_a_price_that_cannot_be_is_refused_on_either_side(price: float) -> None:
    feed = intake()
    assert feed.accept("EURUSD", price, 1.1, NOON, NOW) == Refusal.BAD_PRICE
    assert feed.accept("EURUSD", 1.1, price, NOON, NOW) == Refusal.BAD_PRICE


def test_bid_at_or_above_ask_is_crossed() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.1, NOON, NOW) == Refusal.CROSSED
    assert feed.accept("EURUSD", 1.2, 1.1, NOON, NOW) == Refusal.CROSSED


def test_an_earlier_time_is_refused_and_an_equal_one_accepted() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None
    assert feed.accept("EURUSD", 1.1, 1.2, NOON - 1, NOW) == Refusal.OUT_OF_ORDER


def test_a_time_too_far_ahead_is_refused_and_does_not_bar_later_quotes() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + AHEAD + 1, NOW) == Refusal.OUT_OF_ORDER
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + AHEAD, NOW) is None


def test_how_far_a_time_may_be_ahead_is_a_setting(settings: Any) -> None:
    settings.FEED_AHEAD = 2
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + 2001, NOW) == Refusal.OUT_OF_ORDER
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + 2000, NOW) is None


def test_a_refused_quotes_time_is_not_remembered() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.2, 1.1, NOON + 1000, NOW) == Refusal.CROSSED
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None


def test_a_jump_above_the_limit_is_filtered_and_one_at_it_is_not() -> None:
    feed = intake(filter_percent=Decimal("12.5"))
    assert feed.accept("EURUSD", 1.0, 3.0, NOON, NOW) is None  # mid 2
    assert feed.accept("EURUSD", 1.25, 3.25, NOON, NOW) is None  # +12.5 %
    assert feed.accept("EURUSD", 1.54, 3.54, NOON, NOW) == Refusal.FILTERED  # +12.9 %


def test_a_jump_is_accepted_after_enough_confirming_quotes() -> None:
    feed = intake(filter_confirmations=3)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) is None
    answers = [feed.accept("EURUSD", 1.3 + i / 1000, 1.31, NOON + i, NOW) for i in range(5)]
    assert answers == [Refusal.FILTERED] * 3 + [None, None]


def test_disagreeing_spikes_are_never_accepted() -> None:
    feed = intake(filter_confirmations=2)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) is None
    answers = {feed.accept("EURUSD", bid, bid + 1e-4, NOON, NOW) for bid in (2.0, 3.0, 0.5) * 4}
    assert answers == {Refusal.FILTERED}


def test_a_quote_within_the_filter_resets_the_confirmations() -> None:
    feed = intake(filter_confirmations=2)
    answers = [feed.accept("EURUSD", b, b + 1e-4, NOON, NOW) for b in (1.1, 2, 2, 1.1, 2, 2, 1.1)]
    assert answers.count(None) == 3


def test_a_filter_of_zero_percent_is_off() -> None:
    feed = intake(filter_percent=Decimal(0))
    assert [feed.accept("EURUSD", b, b * 2, NOON, NOW) for b in (1.0, 1000.0, 1.0)] == [None] * 3


def test_a_jump_is_filtered_within_the_timeout_and_held_after_it() -> None:
    feed = intake(quote_timeout=60, max_source_age=0)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) is None
    assert feed.accept("EURUSD", 2.0, 2.1, NOON, NOW + 60_000) == Refusal.FILTERED
    assert feed.accept("EURUSD", 2.0, 2.1, NOON, NOW + 60_001) == Refusal.HELD


def test_refusals_are_counted_by_symbol_and_reason() -> None:
    feed = Intake([unsaved_symbol("EURUSD"), unsaved_symbol("XAUUSD")])
    for name in ("EURUSD", "EURUSD", "XAUUSD"):
        feed.accept(name, 2, 1, NOON, NOW)
    feed.accept("EURUSD", 0, 1, NOON, NOW)
    assert feed.take_collected().refused == {
        ("EURUSD", Refusal.CROSSED): 2,
        ("XAUUSD", Refusal.CROSSED): 1,
        ("EURUSD", Refusal.BAD_PRICE): 1,
    }
    assert not feed.take_collected().refused


def test_accepted_quotes_are_collected_in_the_order_of_receipt() -> None:
    feed = Intake([unsaved_symbol("EURUSD"), unsaved_symbol("GBPUSD")])
    sent = [
        ("EURUSD", 1.1, 1.1001, NOON, NOW),
        ("GBPUSD", 1.3, 1.3001, NOON - 5, NOW),
        ("EURUSD", 1.1, 1.1001, NOON, NOW),
    ]
    for tick in sent:
        feed.accept(*tick)
    (part,) = feed.take_collected().batches
    assert part.ticks == sent
    assert part.newest == {"EURUSD": 2, "GBPUSD": 1}
    assert not feed.take_collected().batches


def test_a_batch_has_the_previous_quote_of_each_symbol_if_there_is_one() -> None:
    feed = intake()
    feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW)
    feed.accept("EURUSD", 1.11, 1.1101, NOON, NOW)
    assert feed.take_collected().batches[0].previous == {}
    feed.accept("EURUSD", 1.12, 1.1201, NOON, NOW + 9)
    feed.accept("EURUSD", 1.13, 1.1301, NOON, NOW + 9)
    assert feed.take_collected().batches[0].previous == {"EURUSD": PreviousQuote(1.11, 1.1101, NOW)}


def test_a_full_batch_begins_the_next_one() -> None:
    feed = intake()
    for i in range(BATCH_SIZE + 1):
        feed.accept("EURUSD", 1.1, 1.1001, NOON + i, NOW)
    assert feed.waiting == BATCH_SIZE + 1
    first, second = feed.take_collected().batches
    assert (len(first.ticks), len(second.ticks)) == (BATCH_SIZE, 1)
    assert second.previous == {"EURUSD": PreviousQuote(1.1, 1.1001, NOW)}


def test_resuming_continues_from_the_stored_quote() -> None:
    known = {"EURUSD": ("EURUSD", 1.1, 1.1001, NOON, NOW), "GONE": ("GONE", 1.0, 2.0, 1, 1)}
    feed = Intake([unsaved_symbol("EURUSD")], known)
    assert feed.accept("EURUSD", 1.1, 1.2, NOON - 1, NOW) == Refusal.OUT_OF_ORDER
    assert feed.accept("EURUSD", 2.0, 2.1, NOON, NOW) == Refusal.HELD
    assert feed.accept("EURUSD", 1.11, 1.1101, NOON, NOW) is None
    assert feed.take_collected().batches[0].previous == {"EURUSD": PreviousQuote(1.1, 1.1001, NOW)}


def test_changed_rules_apply_at_once_and_keep_the_last_quote() -> None:
    feed = intake()
    feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW)
    feed.update_symbols(
        [unsaved_symbol("EURUSD", filter_percent=Decimal("0.1")), unsaved_symbol("GBPUSD")]
    )
    assert feed.accept("EURUSD", 1.11, 1.1101, NOON, NOW) == Refusal.FILTERED
    assert feed.accept("GBPUSD", 1.3, 1.3001, NOON, NOW) is None
    feed.update_symbols([])
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) == Refusal.UNKNOWN_SYMBOL
