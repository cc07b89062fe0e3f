"""The Celery tasks of price alerts: sent by the feed, after commits, and by beat."""

from celery import shared_task

from alerts import log_retention
from alerts.deliveries import dispatcher
from alerts.evaluation import evaluate, expiry


@shared_task(name="alerts.evaluate")
def evaluate_alerts() -> None:
    """Evaluate all new batches of the tick log; sent by the feed and by beat."""
    evaluate.evaluate_new_batches()


@shared_task(name="alerts.close_expired")
def close_expired() -> None:
    """Close alerts that expired without a quote of their symbol; sent by beat.

    They are closed only where all published batches are evaluated.
    """
    evaluate.evaluate_new_batches()
    expiry.close_expired()


@shared_task(name="alerts.prune_logs")
def prune_logs() -> None:
    """Archive or delete what is older than ALERT_LOG_DAYS; sent by beat."""
    log_retention.prune_alert_logs()


@shared_task(name="alerts.deliver")
def send_deliveries() -> None:
    """Start sending due deliveries; sent after commits that wrote one, and by beat."""
    dispatcher.start_dispatcher()
