"""`manage.py check_ledger`: compare balances, fills and event logs with their rows."""

from django.core.management.base import BaseCommand, CommandError

from trading.ledger_audit import find_differences


class Command(BaseCommand):
    help = "Prove balance, credit and event log of every account; name each difference."

    def handle(self, *_: object, **__: object) -> None:
        found = list(find_differences())
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} differences")
        self.stdout.write("the ledger is exact")
