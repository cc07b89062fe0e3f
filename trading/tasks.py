"""What beat wakes trading for; mostly there is nothing to do."""

from celery import shared_task

from trading import around
from trading.rollover.run import run


@shared_task(name="trading.rollover")
def rollover() -> None:
    """Charge the swaps of the nights that are due and write the day's end."""
    run()


@shared_task(name="trading.complete_fills")
def complete_fills() -> None:
    """Give the fills of the last seconds the quotes around them."""
    around.complete()
