"""Writing a backup: one snapshot of the whole database while the platform runs."""

from pathlib import Path

from backups import archive, programs
from backups.errors import BackupError


def back_up(target: Path) -> Path:
    """Write a backup to `target`, a new file or a folder, and return the file.

    Raises:
        BackupError: nothing was written.
    """
    tools, target = programs.found(), archive.place(target)
    words = ["--format=custom", "--no-owner", "--no-privileges"]
    try:
        with archive.written(target) as file:
            tools.run("pg_dump", *words, f"--file={file}", f"--dbname={programs.database()}")
            tools.run("pg_restore", "--list", "--file=/dev/null", str(file))
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}") from None
    return target
