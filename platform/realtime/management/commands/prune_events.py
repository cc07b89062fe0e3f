"""`manage.py prune_events`: what beat does once a day, by hand."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from realtime.events import retention


class Command(BaseCommand):
    help = "Delete the account events that are older than EVENT_LOG_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, *_: object, dry_run: bool, **__: object) -> None:
        if not settings.EVENT_LOG_DAYS:
            self.stdout.write("EVENT_LOG_DAYS=0: every event is kept")
            return
        count = retention.prune_event_log(dry_run=dry_run)
        self.stdout.write(f"{count} events {'would be' if dry_run else 'were'} deleted")
