"""The Celery task is known by the name that the feed and beat wake."""

from django.conf import settings

from alerts.evaluation.published_levels import TASK
from alerts.tasks import evaluate_alerts
from config.celery import app


def test_the_task_has_the_name_that_feed_and_beat_send() -> None:
    assert evaluate_alerts.name in settings.CELERY_BEAT_SCHEDULE
    assert evaluate_alerts.name == TASK
    assert app.tasks["alerts.evaluate"].name == evaluate_alerts.name
