"""The folders of the private servers' data and sockets."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from embedded.errors import CannotStart

# A Unix socket's path has at most 107 bytes; PostgreSQL adds "/.s.PGSQL.5432".
LONGEST_FOLDER = 90


@dataclass(frozen=True)
class Places:
    """Folders below `LOCAL_DIR`: `root`, `postgres`, `redis`, `logs`, `pids` and `sockets`."""

    root: Path
    sockets: Path

    @classmethod
    def of(cls, base: Path, local_dir: str) -> "Places":
        """Return the paths of LOCAL_DIR below `base`; if it is long, sockets get a short link."""
        root = (base / local_dir).resolve()
        sockets = root / "sockets"
        if len(os.fsencode(sockets)) > LONGEST_FOLDER:
            name = hashlib.sha256(os.fsencode(sockets)).hexdigest()[:12]
            sockets = Path(tempfile.gettempdir()) / f"broker-{os.getuid()}-{name}"
        return cls(root=root, sockets=sockets)

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        return self.root / "pids"

    def make(self) -> None:
        """Create the folders, and the link if the path of the sockets would be too long.

        Raises:
            CannotStart: LOCAL_DIR cannot be used.
        """
        own = self.root / "sockets"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for folder in (self.postgres, self.redis, self.logs, self.pids, own):
                folder.mkdir(mode=0o700, exist_ok=True)
            if self.sockets != own:
                if self.sockets.is_symlink() and self.sockets.lstat().st_uid == os.getuid():
                    self.sockets.unlink()
                self.sockets.symlink_to(own)
        except OSError as error:
            raise CannotStart(f"LOCAL_DIR cannot be used: {error}") from None


def configured_places() -> Places:
    """Return the paths of LOCAL_DIR as the settings name it."""
    return Places.of(Path(settings.BASE_DIR), settings.LOCAL_DIR)
