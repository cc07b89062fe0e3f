"""Periodic Celery tasks of trading."""

from celery import shared_task

from trading import around
from trading.rollover.run import run


@shared_task(name="trading.rollover")
def rollover() -> None:
    """Charge the swaps of the nights that are due and write the end of day."""
    run()


@shared_task(name="trading.complete_fills")
def complete_fills() -> None:
    """Store the quotes around the fills of the last seconds."""
    around.complete()
