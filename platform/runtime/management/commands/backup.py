"""`manage.py backup FILE|FOLDER`: dumps the whole database while the platform runs."""

from contextlib import suppress
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from core import redis
from core.clock import now
from core.redis_keys import LAST_BACKUP
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
        with suppress(RedisError):  # staff are then told that there is no backup
            redis.sync_client().set(LAST_BACKUP, now())
        self.stdout.write(f"{path}: {path.stat().st_size} bytes")
