"""Which quotes the intake accepts, and in which order they are collected."""

import math
from decimal import Decimal
from typing import Any

import pytest

from market.enums import Refusal
from market.feed.intake import BIGGEST, UNKNOWN, Intake
from market.path import Before
from market.quotes import BATCH_SIZE
from tests.market.feed.support import NOON, rule

NOW = NOON + 50
AHEAD = 300_000  # ms that a stamp may be ahead of its receipt, FEED_AHEAD's default


def intake(**fields: object) -> Intake:
    return Intake([rule("EURUSD", **fields)])


def test_an_unknown_symbol_is_refused_and_its_name_is_not_kept() -> None:
    feed = intake()
    for name in ("NOPE", "DROP TABLE"):
        assert feed.accept(name, 1.1, 1.2, NOON, NOW) == Refusal.UNKNOWN_SYMBOL
    assert feed.take().refused == {(UNKNOWN, Refusal.UNKNOWN_SYMBOL): 2}


@pytest.mark.parametrize("price", [0.0, -1.1, math.nan, math.inf, -math.inf, BIGGEST * 1.01])
def test_a_price_that_cannot_be_is_refused_on_either_side(price: float) -> None:
    feed = intake()
    assert feed.accept("EURUSD", price, 1.1, NOON, NOW) == Refusal.BAD_PRICE
    assert feed.accept("EURUSD", 1.1, price, NOON, NOW) == Refusal.BAD_PRICE


def test_bid_at_or_above_ask_is_crossed() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.1, NOON, NOW) == Refusal.CROSSED
    assert feed.accept("EURUSD", 1.2, 1.1, NOON, NOW) == Refusal.CROSSED


def test_an_earlier_time_is_refused_and_an_equal_one_is_fine() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None
    assert feed.accept("EURUSD", 1.1, 1.2, NOON - 1, NOW) == Refusal.OUT_OF_ORDER


def test_a_time_too_far_ahead_is_refused_and_bars_nothing() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + AHEAD + 1, NOW) == Refusal.OUT_OF_ORDER
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + AHEAD, NOW) is None


def test_how_far_a_time_may_be_ahead_is_a_setting(settings: Any) -> None:
    settings.FEED_AHEAD = 2
    feed = intake()
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + 2001, NOW) == Refusal.OUT_OF_ORDER
    assert feed.accept("EURUSD", 1.1, 1.2, NOW + 2000, NOW) is None


def test_a_refused_quote_moves_no_time() -> None:
    feed = intake()
    assert feed.accept("EURUSD", 1.2, 1.1, NOON + 1000, NOW) == Refusal.CROSSED
    assert feed.accept("EURUSD", 1.1, 1.2, NOON, NOW) is None


def test_a_jump_above_the_limit_is_filtered_and_one_at_it_is_not() -> None:
    feed = intake(filter_percent=Decimal("12.5"))
    assert feed.accept("EURUSD", 1.0, 3.0, NOON, NOW) is None  # mid 2
    assert feed.accept("EURUSD", 1.25, 3.25, NOON, NOW) is None  # +12.5 %
    assert feed.accept("EURUSD", 1.54, 3.54, NOON, NOW) == Refusal.FILTERED  # +12.9 %


def test_a_jump_is_believed_after_enough_quotes_that_agree() -> None:
    feed = intake(filter_confirmations=3)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) is None
    answers = [feed.accept("EURUSD", 1.3 + i / 1000, 1.31, NOON + i, NOW) for i in range(5)]
    assert answers == [Refusal.FILTERED] * 3 + [None, None]


def test_spikes_that_do_not_agree_are_never_believed() -> None:
    feed = intake(filter_confirmations=2)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) is None
    answers = {feed.accept("EURUSD", bid, bid + 1e-4, NOON, NOW) for bid in (2.0, 3.0, 0.5) * 4}
    assert answers == {Refusal.FILTERED}


def test_a_good_quote_ends_the_row_of_strange_ones() -> None:
    feed = intake(filter_confirmations=2)
    answers = [feed.accept("EURUSD", b, b + 1e-4, NOON, NOW) for b in (1.1, 2, 2, 1.1, 2, 2, 1.1)]
    assert answers.count(None) == 3


def test_zero_percent_filters_nothing() -> None:
    feed = intake(filter_percent=Decimal(0))
    assert [feed.accept("EURUSD", b, b * 2, NOON, NOW) for b in (1.0, 1000.0, 1.0)] == [None] * 3


def test_a_jump_is_filtered_within_the_timeout_and_held_after_it() -> None:
    feed = intake(quote_timeout=60, max_source_age=0)
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) is None
    assert feed.accept("EURUSD", 2.0, 2.1, NOON, NOW + 60_000) == Refusal.FILTERED
    assert feed.accept("EURUSD", 2.0, 2.1, NOON, NOW + 60_001) == Refusal.HELD


def test_refusals_are_counted_by_symbol_and_reason() -> None:
    feed = Intake([rule("EURUSD"), rule("XAUUSD")])
    for name in ("EURUSD", "EURUSD", "XAUUSD"):
        feed.accept(name, 2, 1, NOON, NOW)
    feed.accept("EURUSD", 0, 1, NOON, NOW)
    assert feed.take().refused == {
        ("EURUSD", Refusal.CROSSED): 2,
        ("XAUUSD", Refusal.CROSSED): 1,
        ("EURUSD", Refusal.BAD_PRICE): 1,
    }
    assert not feed.take().refused


def test_every_accepted_quote_is_kept_in_the_order_of_receipt() -> None:
    feed = Intake([rule("EURUSD"), rule("GBPUSD")])
    sent = [
        ("EURUSD", 1.1, 1.1001, NOON, NOW),
        ("GBPUSD", 1.3, 1.3001, NOON - 5, NOW),
        ("EURUSD", 1.1, 1.1001, NOON, NOW),
    ]
    for tick in sent:
        feed.accept(*tick)
    (part,) = feed.take().parts
    assert part.ticks == sent
    assert part.newest == {"EURUSD": 2, "GBPUSD": 1}
    assert not feed.take().parts


def test_a_batch_knows_the_quote_before_its_first_one_and_the_very_first_has_none() -> None:
    feed = intake()
    feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW)
    feed.accept("EURUSD", 1.11, 1.1101, NOON, NOW)
    assert feed.take().parts[0].before == {}
    feed.accept("EURUSD", 1.12, 1.1201, NOON, NOW + 9)
    feed.accept("EURUSD", 1.13, 1.1301, NOON, NOW + 9)
    assert feed.take().parts[0].before == {"EURUSD": Before(1.11, 1.1101, NOW)}


def test_a_full_batch_begins_the_next_one() -> None:
    feed = intake()
    for i in range(BATCH_SIZE + 1):
        feed.accept("EURUSD", 1.1, 1.1001, NOON + i, NOW)
    assert feed.waiting == BATCH_SIZE + 1
    first, second = feed.take().parts
    assert (len(first.ticks), len(second.ticks)) == (BATCH_SIZE, 1)
    assert second.before == {"EURUSD": Before(1.1, 1.1001, NOW)}


def test_resuming_goes_on_from_the_known_quote() -> None:
    known = {"EURUSD": ("EURUSD", 1.1, 1.1001, NOON, NOW), "GONE": ("GONE", 1.0, 2.0, 1, 1)}
    feed = Intake([rule("EURUSD")], known)
    assert feed.accept("EURUSD", 1.1, 1.2, NOON - 1, NOW) == Refusal.OUT_OF_ORDER
    assert feed.accept("EURUSD", 2.0, 2.1, NOON, NOW) == Refusal.HELD
    assert feed.accept("EURUSD", 1.11, 1.1101, NOON, NOW) is None
    assert feed.take().parts[0].before == {"EURUSD": Before(1.1, 1.1001, NOW)}


def test_changed_rules_hold_at_once_and_keep_the_last_quote() -> None:
    feed = intake()
    feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW)
    feed.update([rule("EURUSD", filter_percent=Decimal("0.1")), rule("GBPUSD")])
    assert feed.accept("EURUSD", 1.11, 1.1101, NOON, NOW) == Refusal.FILTERED
    assert feed.accept("GBPUSD", 1.3, 1.3001, NOON, NOW) is None
    feed.update([])
    assert feed.accept("EURUSD", 1.1, 1.1001, NOON, NOW) == Refusal.UNKNOWN_SYMBOL
