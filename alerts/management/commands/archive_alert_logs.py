"""`manage.py archive_alert_logs`: move old alert logs from the database to CSV files."""

from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from alerts import log_archive
from alerts.errors import ArchiveRefused
from core.clock import DAY_S, now


class Command(BaseCommand):
    help = "Move the alert logs that are older than ALERT_LOG_DAYS, or than a day, into CSV files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
        parser.add_argument("--before", type=date.fromisoformat, metavar="YYYY-MM-DD", help="UTC")
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(
        self, *_: object, to: Path, before: date | None, dry_run: bool, **__: object
    ) -> None:
        cutoff = now() - settings.ALERT_LOG_DAYS * DAY_S
        if before is not None:
            midnight = datetime(before.year, before.month, before.day, tzinfo=UTC)
            cutoff = int(midnight.timestamp())
        elif not settings.ALERT_LOG_DAYS:
            self.stdout.write("ALERT_LOG_DAYS=0: every log is kept")
            return
        if dry_run:
            self.stdout.write(f"{log_archive.count_archivable(cutoff)} logs would be archived")
            return
        try:
            for path in log_archive.archive_logs(cutoff, to):
                self.stdout.write(str(path))
        except (ArchiveRefused, OSError) as error:
            raise CommandError(str(error)) from error
