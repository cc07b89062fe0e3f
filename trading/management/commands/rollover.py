"""`manage.py rollover`: charge swaps and write the end of day by hand."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trading.models import Rollover
from trading.rollover.run import run_rollover


class Command(BaseCommand):
    help = "Book the nights that are due, as beat does every minute, or only one of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--night", type=date.fromisoformat, metavar="YYYY-MM-DD")

    def handle(self, *_: object, night: date | None, **__: object) -> None:
        done = run_rollover(night=night)
        for booked in done:
            self.stdout.write(str(booked))
        if done:
            return
        if night and not Rollover.objects.filter(pk=night).exists():
            raise CommandError(f"{night} is no night that the platform has seen the end of")
        self.stdout.write("nothing is due, or another run is at it")
