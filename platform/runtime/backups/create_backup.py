"""Writing a backup: one snapshot of the whole database while the platform runs."""

from pathlib import Path

from runtime.backups import backup_archive, pg_tools
from runtime.backups.errors import BackupError


def write_backup(target: Path) -> Path:
    """Write a backup to `target`, a new file or a folder, and return the file.

    Raises:
        BackupError: nothing was written.
    """
    tools, target = pg_tools.find_tools(), backup_archive.choose_file(target)
    options = ["--format=custom", "--no-owner", "--no-privileges"]
    try:
        with backup_archive.write_atomically(target) as file:
            tools.run(
                "pg_dump", *options, f"--file={file}", f"--dbname={pg_tools.connection_string()}"
            )
            tools.run("pg_restore", "--list", "--file=/dev/null", str(file))
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}") from None
    return target
