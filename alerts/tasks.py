"""The wake-up of the evaluation: sent by the feed with new quotes, and by beat every second."""

from celery import shared_task

from alerts import evaluation


@shared_task(name="alerts.evaluate")
def evaluate() -> None:
    """Evaluate whatever is new on the path."""
    evaluation.evaluate()
