"""pg_dump, pg_restore and psql: the machine's own if they are new enough, else the wheel's."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import pq
from psycopg.conninfo import make_conninfo

from runtime.backups.errors import BackupError
from runtime.errors import CannotStart
from runtime.postgres_server import find_binaries

TOOL_NAMES = ("pg_dump", "pg_restore", "psql")


@dataclass(frozen=True, slots=True)
class PgTools:
    """The programs of one installation, which connect to the database of the settings."""

    folder: Path

    def command(self, name: str, *arguments: str) -> list[str]:
        """Return the command line of one of TOOL_NAMES with these arguments."""
        return [str(self.folder / name), *arguments]

    def run(self, name: str, *arguments: str) -> None:
        """Run a tool to its end.

        Raises:
            BackupError: it failed; the message has the first lines of its errors.
        """
        command = self.command(name, *arguments)
        done = subprocess.run(
            command, env=tool_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BackupError(f"{name}: {summarize_errors(done.stderr)}")


def find_tools() -> PgTools:
    """Return the first installation that is not older than the server.

    Raises:
        BackupError: there is none.
    """
    needed = query_number("SHOW server_version_num") // 10_000
    for folder in _folders():
        if _oldest_version(folder) >= needed:
            return PgTools(folder)
    raise BackupError(
        f"{', '.join(TOOL_NAMES)} of PostgreSQL {needed} or newer are needed on the PATH"
    )


def query_number(query: str) -> int:
    """Return the number that `query` selects (0 without a row), over a connection of its own.

    Raises:
        BackupError: the database does not answer.
    """
    params = {**connection.get_connection_params(), "autocommit": True}
    try:
        with psycopg.connect(**params) as own_connection:
            row = own_connection.execute(query.encode()).fetchone()
    except psycopg.Error as error:
        raise BackupError(summarize_errors(str(error))) from None
    return int(row[0]) if row else 0


def connection_string() -> str:
    """Return the connection string for `--dbname`, without the password: `ps` would show it."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()} - {"password"}
    params = connection.get_connection_params()
    return make_conninfo(**{name: value for name, value in params.items() if name in known})


def tool_environment() -> dict[str, str]:
    """Return the environment of the tools, with the password in it."""
    password = connection.get_connection_params().get("password")
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}


def summarize_errors(text: str) -> str:
    """Return the first three lines of an error output on one line."""
    return "; ".join(text.strip().splitlines()[:3]) or "ended without a word"


def _folders() -> Iterator[Path]:
    on_path = shutil.which(TOOL_NAMES[0])
    if on_path:
        yield Path(on_path).parent
    try:
        yield find_binaries()
    except CannotStart:
        return


def _oldest_version(folder: Path) -> int:
    """Return the oldest major version among the tools; 0 if one does not run."""
    return min(_major_version(folder / name) for name in TOOL_NAMES)


def _major_version(program: Path) -> int:
    try:
        result = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    number = re.search(r"\) (\d+)", result.stdout)
    return int(number[1]) if number else 0
