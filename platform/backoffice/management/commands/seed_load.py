"""`manage.py seed_load`: as many rows as a big broker has, to try lists and searches with."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Max

from backoffice.loading import DAY, LoadPlan
from core.clock import now
from core.errors import Refused
from core.numbers import read_integer
from core.sections import load_contributions

SIZES = {"accounts": 100_000, "trades": 5_000_000, "logs": 1_000_000}
FIRST_LOGIN = 1_000_000
DAYS = 730  # that the rows are spread over


class Command(BaseCommand):
    help = "Make accounts, trades and alert logs by the million, with a ledger that is right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, size in SIZES.items():
            parser.add_argument(f"--{name}", type=read_integer, default=size)
        text = "also into a database that has other accounts than the demo's"
        parser.add_argument("--force", action="store_true", help=text)

    def handle(self, *_: Any, force: bool, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("these accounts have known passwords: not for production")
        sizes = {name: options[name] for name in SIZES}
        if min(sizes.values()) < 1 or sizes["trades"] < sizes["accounts"]:
            raise CommandError("every size must be above 0, and no fewer trades than accounts")
        call_command("seed_demo")
        moment = now()
        newest = get_user_model()._default_manager.aggregate(newest=Max("pk"))["newest"]
        first = max(FIRST_LOGIN, newest + 1)
        plan = LoadPlan(**sizes, first_login=first, begin=moment - DAYS * DAY, now=moment)
        try:
            with transaction.atomic():
                for load in load_contributions("load_data"):
                    began = time.monotonic()
                    load(plan, force=force)
                    if options["verbosity"]:
                        self.stdout.write(f"{load.__module__}: {time.monotonic() - began:.0f} s")
        except Refused as error:
            raise CommandError(str(error)) from None
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if not connection.in_atomic_block else "ANALYZE")
