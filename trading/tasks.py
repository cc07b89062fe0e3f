"""Periodic Celery tasks of trading."""

from celery import shared_task

from trading.backoffice.reports import morning_mail
from trading.evidence import quotes_around
from trading.rollover.run import run_rollover


@shared_task(name="trading.rollover")
def charge_due_nights() -> None:
    """Charge the swaps of the nights that are due and write the end of day."""
    run_rollover()


@shared_task(name="trading.complete_fills")
def complete_fills() -> None:
    """Store the quotes around the fills of the last seconds."""
    quotes_around.add_missing_quotes()


@shared_task(name="trading.mail_reports")
def mail_reports() -> None:
    """Queue the e-mails with the broker's result of the day before."""
    morning_mail.queue_morning_reports()
