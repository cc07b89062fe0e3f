"""`manage.py up`: runs the private servers and every process until Ctrl-C."""

import sys

from django.core.management.base import BaseCommand

from runtime.errors import CannotStart
from runtime.run_platform import run_platform


class Command(BaseCommand):
    help = "Run the whole platform on this machine until Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []  # `migrate` runs them, when the database exists

    def handle(self, *_: object, **__: object) -> None:
        try:
            run_platform()
        except CannotStart as error:
            sys.exit(f"error: {error}")
