"""The wake-ups: sent by whoever has something new, and by beat every second."""

from celery import shared_task

from alerts import cleaning, evaluation, retention
from alerts.deliveries import couriers


@shared_task(name="alerts.evaluate")
def evaluate() -> None:
    """Evaluate whatever is new on the path; sent by the feed with new quotes."""
    evaluation.evaluate()


@shared_task(name="alerts.close_expired")
def close_expired() -> None:
    """Close what expired without a quote of its symbol; sent by beat."""
    cleaning.close_expired()


@shared_task(name="alerts.prune_logs")
def prune_logs() -> None:
    """Forget, or archive, what is older than ALERT_LOG_DAYS; sent by beat."""
    retention.prune()


@shared_task(name="alerts.deliver")
def deliver() -> None:
    """Have sent what is due; woken after each commit that wrote a delivery, and by beat."""
    couriers.call()
