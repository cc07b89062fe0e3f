"""When an alert was last updated, as its client sees it."""

from collections.abc import Callable

import pytest

from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert
from tests.alerts.small_feed import START, Feed

pytestmark = pytest.mark.django_db


def test_only_visible_changes_set_updated_at(feed: Feed, alert: Callable[..., Alert]) -> None:
    feed.publish(1.09)
    asleep, fires, ends = alert(target_price=2.0), alert(repeat_mode=1), alert()
    Alert.objects.update(updated_at=5)
    Alert.objects.filter(pk=ends.pk).update(expires_at=START // 1000)
    feed.publish(1.2)
    evaluate_new_batches()
    times = dict(Alert.objects.values_list("pk", "updated_at"))
    assert times[asleep.pk] == 5
    assert times[fires.pk] > START // 1000
    assert times[ends.pk] > START // 1000
