"""A small disk for PostgreSQL that can be filled: a tmpfs, which only root may mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = "640m"  # a few WAL segments and the data of a bounded run
BLOCK = b"\0" * 2**20


class Disk:
    """The mounted folder; `fill` leaves no byte, `free` gives all of it back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.filler = folder, folder / "filler"

    def fill(self) -> None:
        with suppress(OSError), self.filler.open("wb", buffering=0) as file:
            while file.write(BLOCK):
                pass

    def free(self) -> None:
        self.filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk | None]:
    """Mount the folder as a disk of its own while the block runs; None without root."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
