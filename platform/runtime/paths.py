"""The folders of the private servers' data and sockets."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from runtime.errors import CannotStart

# A Unix socket's path has at most 107 bytes; PostgreSQL adds "/.s.PGSQL.5432".
MAX_SOCKET_FOLDER = 90


@dataclass(frozen=True)
class LocalPaths:
    """Folders below `LOCAL_DIR`: `root`, `postgres`, `redis`, `logs`, `pids` and `sockets`."""

    root: Path
    sockets: Path

    @classmethod
    def resolve(cls, base: Path, local_dir: str) -> "LocalPaths":
        """Return the paths of LOCAL_DIR below `base`; if it is long, sockets get a short link."""
        root = (base / local_dir).resolve()
        sockets = root / "sockets"
        if len(os.fsencode(sockets)) > MAX_SOCKET_FOLDER:
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

    def create_folders(self) -> None:
        """Create the folders, and the link if the path of the sockets would be too long.

        Raises:
            CannotStart: LOCAL_DIR cannot be used.
        """
        real_sockets = self.root / "sockets"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for folder in (self.postgres, self.redis, self.logs, self.pids, real_sockets):
                folder.mkdir(mode=0o700, exist_ok=True)
            if self.sockets != real_sockets:
                if self.sockets.is_symlink() and self.sockets.lstat().st_uid == os.getuid():
                    self.sockets.unlink()
                self.sockets.symlink_to(real_sockets)
        except OSError as error:
            raise CannotStart(f"LOCAL_DIR cannot be used: {error}") from None


def configured_paths() -> LocalPaths:
    """Return the paths of LOCAL_DIR as the settings name it."""
    return LocalPaths.resolve(Path(settings.BASE_DIR), settings.LOCAL_DIR)
