"""The cluster of the tests: made and migrated once in a checkout, and copied by all that need it.

To create and migrate one takes five seconds of CPU, to copy one a tenth. Runs at once wait for each
other; what a killed one leaves is removed by the next.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = "unfinished"


class ClusterStore:
    """A folder that keeps the stopped cluster of one name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, make: Callable[[], Path]) -> None:
        """Have a cluster of this name, which `make` creates where there is none; drop others."""
        with self._lock():
            self._keep(name, make)

    def copy_into(self, postgres: Path, name: str, make: Callable[[], Path]) -> None:
        """Have a cluster of this name as `data` in the folder, and none of another name.

        `make` returns where it has created one; it is moved from there.
        """
        data, mark = postgres / "data", postgres / "name"
        if data.is_dir() and mark.is_file() and mark.read_text() == name:
            return
        mark.unlink(missing_ok=True)
        shutil.rmtree(data, ignore_errors=True)
        with self._lock():
            self._keep(name, make)
            copy_folder(self.folder / name, data)
        mark.write_text(name)

    def _keep(self, name: str, make: Callable[[], Path]) -> None:
        if (self.folder / name).is_dir():
            return
        for other in [path for path in self.folder.iterdir() if path.is_dir()]:
            remove_folder(other)
        make().rename(self.folder / name)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the end of a process releases it
            yield


def remove_folder(folder: Path) -> None:
    """Remove a folder; it is no longer there under its name before any of its files is gone."""
    unfinished = folder.with_name(UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    if folder != unfinished:
        folder.rename(unfinished)
        shutil.rmtree(unfinished)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder; it is there under its name only when it is complete."""
    unfinished = target.with_name(UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished)
    unfinished.rename(target)
