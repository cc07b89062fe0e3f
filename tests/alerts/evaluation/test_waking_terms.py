"""Changed terms wake the evaluation, and the feed then waits for the levels of the new prices."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Account
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog
from config.celery import app
from market.models import GroupTerms
from tests import factories
from tests.alerts.evaluation.waking_feed import WakingFeed, start_worker
from trading.services.account_terms import change_account_terms

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed(alice: Account, settings: Settings) -> Iterator[WakingFeed]:
    settings.TASK_WAKE_INTERVAL = 0
    factories.symbol("EURUSD")
    start_worker()
    with app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        yield WakingFeed(channel.client)


@pytest.fixture
def between(feed: WakingFeed, alert: Callable[..., Alert]) -> None:
    """EURUSD's bid is evaluated at 1.05, between the levels 1.0 and 1.1."""
    feed.publish(1.05)
    alert(condition=1, target_price=1.0)
    alert(target_price=1.1)
    for _ in range(2):
        evaluate_new_batches()
        feed.publish(1.05)
    evaluate_new_batches()


def test_changed_terms_wake_until_their_levels_are_compiled(
    feed: WakingFeed, between: object, alice: Account
) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="*", spread=8)
    assert feed.wakes(1.05)
    evaluate_new_batches()
    feed.wakes(1.05)  # the sums of bid and ask were not known yet
    evaluate_new_batches()
    assert not feed.wakes(1.09993)
    assert feed.wakes(1.09994)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_an_account_of_another_group_wakes_at_what_it_sees(
    feed: WakingFeed, between: object, alice: Account
) -> None:
    raw = factories.group("raw")
    GroupTerms.objects.create(group=raw, symbols="*", bid_markup=4)
    evaluate_new_batches()
    change_account_terms(login=alice.login, group=raw, leverage=100)
    assert feed.wakes(1.05)
    evaluate_new_batches()
    feed.wakes(1.10003)  # the level of before
    evaluate_new_batches()
    assert not feed.wakes(1.10003)
    assert feed.wakes(1.10004)
