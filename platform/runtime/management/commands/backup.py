"""`manage.py backup FILE|FOLDER`: dumps the whole database while the platform runs."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from runtime.backups.create_backup import write_backup
from runtime.backups.errors import BackupError


class Command(BaseCommand):
    help = "Write one snapshot of the whole database into a new file, and its SHA-256 next to it."
    requires_system_checks: list[str] = []  # a broken installation needs a backup as well

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="a new file, or a folder for it")

    def handle(self, *_: object, target: Path, **__: object) -> None:
        try:
            path = write_backup(target)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{path}: {path.stat().st_size} bytes")
