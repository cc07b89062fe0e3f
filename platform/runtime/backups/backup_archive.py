"""A backup on disk: the dump in PostgreSQL's custom format, and its SHA-256 next to it.

The checksum is in a file `<name>.sha256` as `sha256sum --check` reads it. Both appear
complete or not at all, the dump last, and only their owner can read them.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from runtime.backups.errors import BackupError

OWNER_ONLY = 0o600


def choose_file(target: Path) -> Path:
    """Return the file to write: a new name in the folder if `target` is one.

    Raises:
        BackupError: the file exists, or its folder does not.
    """
    if target.is_dir():
        target = target / f"broker-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
    if not target.parent.is_dir():
        raise BackupError(f"there is no folder {target.parent}")
    if target.exists():
        raise BackupError(f"{target} exists; a backup replaces nothing")
    return target


@contextmanager
def write_atomically(target: Path) -> Iterator[Path]:
    """Yield a file that becomes `target` after the block; after an error nothing remains."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    checksum = checksum_file(unfinished)
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY))
        yield unfinished
        with open(
            checksum, "w", opener=lambda path, flags: os.open(path, flags, OWNER_ONLY)
        ) as file:
            file.write(f"{sha256_of(unfinished)}  {target.name}\n")
        for path in (checksum, unfinished):
            _sync(path)
        checksum.replace(checksum_file(target))
        unfinished.replace(target)
        _sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
        checksum.unlink(missing_ok=True)


def verify_checksum(path: Path) -> None:
    """Make sure that the file is as it was written.

    Raises:
        BackupError: it is missing, has no checksum next to it, or was changed.
    """
    try:
        expected, actual = checksum_file(path).read_text().partition(" ")[0], sha256_of(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{path} cannot be checked: {error}") from None
    if expected != actual:
        raise BackupError(
            f"{path} is damaged: its SHA-256 is not the one in {checksum_file(path).name}"
        )


def checksum_file(path: Path) -> Path:
    """Return the path of the file with the checksum."""
    return path.with_name(f"{path.name}.sha256")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
