"""`manage.py seed_demo`: writes the demo of each section once."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.locks import transactional
from core.sections import load_contributions


class Command(BaseCommand):
    help = "Seed demo groups, accounts, symbols and deposits; what exists is left as it is."

    def handle(self, *_: object, **__: object) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo has known passwords: it is not for production")
        seed_demos()


@transactional
def seed_demos() -> None:
    """Write the demos of all sections in one transaction."""
    for seed in load_contributions("demo"):
        seed()
