"""The levels that the alerts wait for, so that the feed wakes their evaluation only when needed."""

from functools import partial

from django.db import transaction

from alerts.evaluation.wake_levels import WakeLevels
from market.quotes import awaited_levels
from market.quotes.awaited_levels import AwaitedLevels

TASK = "alerts.evaluate"


def mark_changed_after_commit() -> None:
    """Have the feed wake the evaluation until it has seen the alert that is being written."""
    transaction.on_commit(partial(awaited_levels.mark_changed, TASK))


def read_change() -> str:
    """Return the change mark; to be read before the unevaluated alerts."""
    return awaited_levels.read_change(TASK)


def publish_after_commit(change: str, batch: int, wake_levels: WakeLevels) -> None:
    """Publish the wake levels of all alerts, which are evaluated up to `batch`."""
    awaited = AwaitedLevels(batch, change, wake_levels.sides)
    transaction.on_commit(partial(awaited_levels.publish_levels, TASK, awaited))
