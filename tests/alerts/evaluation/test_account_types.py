"""Alerts look at the prices that their accounts see, whatever mark-ups their groups have."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import orjson
import pytest

from accounts.models import Account, Group
from alerts.backoffice.firing_chart import draw_firing_chart
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertCheckpoint, AlertLog
from core.money import exact_decimal
from market.models import GroupTerms, Markup
from market.quotes.tick_log import Tick
from tests import factories
from tests.alerts.evaluation.random_alerts import QuoteRun, RandomAlert, create_random_alert
from tests.alerts.evaluation.test_wake_levels import queries_alerts, statements_of
from tests.alerts.small_feed import Feed
from tests.fuzz import examples
from trading.services.account_terms import change_account_terms

Create = Callable[..., Alert]
STEP = Decimal("0.00001")
MARKUPS = (Markup(4, 3), Markup(0, 7), Markup(spread=8), Markup(spread=31), Markup(spread=0))


def give_terms(group: Group, markup: Markup | None) -> None:
    """Give the group a mark-up for EURUSD, or none."""
    GroupTerms.objects.filter(group=group).delete()
    if markup is not None:
        fields: dict[str, Any] = {"spread": markup.spread}
        if markup.spread is None:
            fields = {"bid_markup": markup.bid, "ask_markup": markup.ask}
        GroupTerms.objects.create(group=group, symbols="EUR*", **fields)


def evaluate_at(feed: Feed, *bids: float) -> None:
    for bid in bids:
        feed.publish(bid)
        evaluate_new_batches()


def fired() -> list[float]:
    return [float(log.triggered_price) for log in AlertLog.objects.order_by("id")]


@pytest.mark.parametrize(
    ("markup", "side", "before", "at", "evidence"),
    [
        (Markup(4, 3), 0, 1.10003, 1.10004, (4, None)),
        (Markup(4, 3), 1, 1.09976, 1.09977, (3, None)),
        (Markup(spread=8), 0, 1.09993, 1.09994, (None, 8)),  # the mid, ten points up, less four
        (Markup(spread=8), 1, 1.09985, 1.09986, (None, 8)),
    ],
)
def test_a_level_is_reached_by_the_price_that_the_account_sees(
    feed: Feed, alert: Create, alice: Account, markup: Markup, side: int, before: float, at: float,
    evidence: tuple[int | None, int | None],
) -> None:  # fmt: skip
    give_terms(alice.group, markup)
    feed.publish(1.05)
    alert(side=side, target_price=1.1)
    evaluate_at(feed, 1.05, 1.05)
    assert not queries_alerts(feed, before)
    assert queries_alerts(feed, at)
    log = AlertLog.objects.get()
    assert log.triggered_price == Decimal("1.1")
    assert log.market_bid == exact_decimal(at)
    assert log.market_ask == exact_decimal(at) + Decimal("0.0002")
    assert (log.markup, log.spread) == evidence
    chart = draw_firing_chart(log)
    assert chart is not None
    assert chart.chart.count("1.10000") >= 2  # the level, and the last quote as the account saw it


def test_without_terms_a_log_has_no_mark_up(feed: Feed, alert: Create) -> None:
    feed.publish(1.05)
    alert(target_price=1.1)
    evaluate_at(feed, 1.1)
    log = AlertLog.objects.get()
    assert (log.market_bid, log.markup, log.spread) == (None, None, None)
    assert AlertCheckpoint.objects.get().markups == ""


def test_a_move_is_measured_from_the_price_that_the_account_sees(
    feed: Feed, alert: Create, alice: Account
) -> None:
    give_terms(alice.group, Markup(4, 3))
    feed.publish(1.05)
    moving = alert(condition=8, move_threshold=0.001)
    assert moving.reference_price == Decimal("1.04996")
    evaluate_at(feed, 1.05099, 1.051)
    assert fired() == [1.05096]


def test_changed_terms_move_the_levels_without_a_firing(
    feed: Feed, alert: Create, alice: Account
) -> None:
    feed.publish(1.09990)
    alert(target_price=1.1, repeat_mode=1)
    evaluate_at(feed, 1.09999)
    give_terms(alice.group, Markup(4, 3))
    evaluate_at(feed, 1.10003)  # crosses the market's level, and not what the account sees
    assert fired() == []
    evaluate_at(feed, 1.10004)
    assert fired() == [1.1]
    give_terms(alice.group, None)  # 1.10004 again, which the account now sees as it is
    evaluate_at(feed, 1.10005)
    assert fired() == [1.1]
    evaluate_at(feed, 1.09999, 1.1)
    assert fired() == [1.1, 1.1]


def test_quotes_from_before_a_change_of_terms_are_compared_once(
    feed: Feed, alert: Create, alice: Account
) -> None:
    feed.publish(1.09)
    alert(target_price=1.1, repeat_mode=1)
    evaluate_at(feed, 1.09, 1.1)
    give_terms(alice.group, Markup(spread=8))
    evaluate_new_batches()
    evaluate_new_batches()
    assert fired() == [1.1]
    alert_state = Alert.objects.get()
    assert (alert_state.watched, alert_state.fresh) == (None, False)


def test_only_alerts_that_see_other_prices_are_compiled_again(
    feed: Feed, alert: Create, alice: Account
) -> None:
    for name in ("EURUSD", "GBPUSD"):
        feed.publish(1.05, symbol=name)
        alert(symbol=name, target_price=1.1)
    evaluate_at(feed, 1.05)
    assert AlertCheckpoint.objects.get().markups == ""
    seen = dict(Alert.objects.values_list("symbol", "seen"))
    marked = {str(alice.group_id): {"EURUSD": [4, 3, None, 5]}}
    for markup, stored in ((Markup(4, 3), marked), (None, {})):
        give_terms(alice.group, markup)
        evaluate_at(feed, 1.05)
        assert AlertCheckpoint.objects.get().markups == orjson.dumps(stored).decode()
        now = dict(Alert.objects.values_list("symbol", "seen"))
        assert (now["EURUSD"] > seen["EURUSD"], now["GBPUSD"]) == (True, seen["GBPUSD"])
        seen = now
    assert not any("groupterms" in statement for statement in statements_of(feed, 1.05))


def test_an_account_of_another_group_looks_at_its_prices(
    feed: Feed, alert: Create, alice: Account
) -> None:
    raw = factories.group("raw")
    give_terms(raw, Markup(spread=8))
    feed.publish(1.05)
    alert(target_price=1.1)
    evaluate_at(feed, 1.05)
    change_account_terms(login=alice.login, group=raw, leverage=100)
    evaluate_at(feed, 1.09993)
    assert fired() == []
    assert Alert.objects.get().watched == 2
    evaluate_at(feed, 1.09994)
    assert fired() == [1.1]


def test_an_alert_made_by_outdated_terms_is_compiled_by_the_present_ones(
    feed: Feed, alert: Create, alice: Account
) -> None:
    evaluate_at(feed, 1.05)
    give_terms(alice.group, Markup(4, 3))
    evaluate_new_batches()
    made = alert(target_price=1.1)
    Alert.objects.filter(pk=made.pk).update(wake_up=1.2)
    evaluate_new_batches()  # no quote since: any next one is looked at
    evaluate_at(feed, 1.10004)
    assert fired() == [1.1]


class Seen(QuoteRun):
    """The quotes of one side as an account saw them, by the terms of each one's time."""

    def __init__(self, ticks: list[tuple[Tick, Markup | None]], side: int) -> None:
        super().__init__([seen_tick(tick, markup) for tick, markup in ticks], side)


def seen_tick(tick: Tick, markup: Markup | None) -> Tick:
    if markup is None:
        return tick
    quote = tick.to_quote()
    bid, ask = markup.apply(quote.bid, quote.ask, STEP)
    return tick._replace(bid=float(bid), ask=float(ask))


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(examples(1)))
def test_alerts_of_all_mark_ups_fire_as_a_loop_over_marked_up_quotes(feed: Feed, seed: int) -> None:
    dice = Random(seed)
    markups: list[Markup | None] = [None, *MARKUPS]
    groups = [factories.group(f"g{number}") for number in range(len(markups))]
    for group, markup in zip(groups, markups, strict=True):
        give_terms(group, markup)
    logins = [
        factories.client(100100 + number, group, deposit="0").login
        for number, group in enumerate(groups)
    ]
    ticks: list[Tick] = []
    price, made = 110_000, list[tuple[RandomAlert, int]]()
    for _ in range(40):
        quotes = []
        for _ in range(dice.randint(1, 12)):
            price += dice.choice((-9, -2, -1, -1, 0, 1, 1, 2, 9))
            width = dice.choice((0, 1, 4, 9, 10, 33))
            feed.time += dice.choice((200, 1000))
            bid, ask = float(price * STEP), float((price + width) * STEP)
            quotes.append(("EURUSD", bid, ask, feed.time, feed.time))
        ticks += feed.publish_batch(quotes).ticks
        for _ in range(dice.randint(0, 6)):
            end = (feed.time + dice.randint(1000, 200_000)) // 1000
            which = dice.randrange(len(logins))
            alert = create_random_alert(dice, [logins[which]], "EURUSD", price * STEP, STEP, end)
            made.append((alert, which))
        if dice.random() < 0.4:
            evaluate_new_batches()
    evaluate_new_batches()
    rows, ends = [], {}
    for alert, which in made:
        seen = Seen([(tick, markups[which]) for tick in ticks], alert.alert.side)
        found, ends[alert.alert.pk] = seen.expected(alert)
        rows += found
    columns = ("alert_id", "quote_number", "triggered_price", "previous_price", "quote_time")
    assert sorted(AlertLog.objects.values_list(*columns)) == sorted(rows)
    assert dict(Alert.objects.values_list("pk", "status")) == ends
    assert len(rows) > 30
