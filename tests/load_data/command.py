"""As many rows as a big broker has, to try lists and searches with."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Max

from core.clock import now
from core.numbers import read_integer
from tests.load_data import accounts, alerts, trades
from tests.load_data.table_copy import DAY, LoadPlan

SIZES = {"accounts": 100_000, "trades": 5_000_000, "logs": 1_000_000}
FIRST_LOGIN = 1_000_000
DAYS = 730  # that the rows are spread over
LOADS = (accounts.load, trades.load, alerts.load)  # in the order of their foreign keys


class Command(BaseCommand):
    help = "Make accounts, trades and alert logs by the million, with a ledger that is right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, size in SIZES.items():
            parser.add_argument(f"--{name}", type=read_integer, default=size)
        text = "also into a database that has other accounts than the demo's"
        parser.add_argument("--force", action="store_true", help=text)

    def handle(self, *_: object, force: bool, **options: Any) -> None:
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
        if not force:
            accounts.refuse_other_accounts()
        with transaction.atomic():
            for load in LOADS:
                began = time.monotonic()
                load(plan)
                if options["verbosity"]:
                    part = load.__module__.rpartition(".")[2]
                    self.stdout.write(f"{part}: {time.monotonic() - began:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if not connection.in_atomic_block else "ANALYZE")
