"""The Celery task is known by the name that the feed and beat wake."""

from django.conf import settings

from alerts.tasks import evaluate
from config.celery import app


def test_the_task_is_registered_under_the_name_that_is_woken() -> None:
    assert evaluate.name in settings.CELERY_BEAT_SCHEDULE
    assert app.tasks["alerts.evaluate"].name == evaluate.name
