"""`manage.py restore FILE`: restores the database and proves it by check_ledger."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from core import redis
from runtime.backups.errors import BackupError
from runtime.backups.restore_backup import restore_backup

OLDER_RELEASE = (
    "the backup is of an older release: run `manage.py migrate`, then `manage.py check_ledger`"
)


class Command(BaseCommand):
    help = "Fill the empty database from a backup, in one transaction, and prove the ledger."
    requires_system_checks: list[str] = []  # there are no tables yet that they could read

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace what is in the database")

    def handle(self, *_: object, file: Path, force: bool, **__: object) -> None:
        try:
            restore_backup(file, force=force)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"restored from {file}")
        self._empty_redis()
        try:
            call_command("migrate", check_unapplied=True, verbosity=0)
        except SystemExit:
            raise CommandError(OLDER_RELEASE) from None
        call_command("check_ledger", stdout=self.stdout)

    def _empty_redis(self) -> None:
        """Empty Redis, which holds the history of another database."""
        try:
            redis.sync_client().flushdb()
        except RedisError as error:
            raise CommandError(
                f"Redis could not be emptied; do so before the start: {error}"
            ) from None
        self.stdout.write("Redis emptied: the feed brings new quotes")
