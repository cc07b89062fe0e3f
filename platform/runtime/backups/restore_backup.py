"""Restoring a backup: in one transaction, into a database that nobody uses."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO

from runtime.backups import backup_archive, pg_tools
from runtime.backups.errors import BackupError
from runtime.backups.pg_tools import PgTools

BEGIN_SQL = "BEGIN; SET LOCAL client_min_messages = warning;\n"
CLEAR_SQL = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
COUNT_RELATIONS = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
COUNT_SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()
"""


def restore_backup(path: Path, *, force: bool = False) -> None:
    """Fill the empty database from the file; with `force` drop its contents first.

    Raises:
        BackupError: nothing was changed.
    """
    tools = pg_tools.find_tools()
    backup_archive.verify_checksum(path)
    tools.run("pg_restore", "--list", "--file=/dev/null", str(path))
    _require_unused(force=force)
    load_dump(tools, path, before=CLEAR_SQL if force else "")


def _require_unused(*, force: bool) -> None:
    """Refuse a database in use, or without `force` one that is not empty.

    Connections of this process count as well, so that Django's pool must not be open yet.
    """
    if pg_tools.query_number(COUNT_SESSIONS):
        raise BackupError("the database is in use: end all processes of the platform first")
    if pg_tools.query_number(COUNT_RELATIONS) and not force:
        raise BackupError("the database is not empty; --force replaces all that is in it")


def load_dump(tools: PgTools, path: Path, *, before: str) -> None:
    """Pipe the statements of pg_restore into psql and commit after the last.

    Whichever of the three processes dies, nothing has happened.

    Raises:
        BackupError: one of the tools failed.
    """
    reader_command = tools.command(
        "pg_restore", "--no-owner", "--no-privileges", "--file=-", str(path)
    )
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    writer_command = tools.command("psql", *options, f"--dbname={pg_tools.connection_string()}")
    pipe, environment = subprocess.PIPE, pg_tools.tool_environment()
    with (
        subprocess.Popen(reader_command, stdout=pipe, stderr=pipe) as reader,
        subprocess.Popen(writer_command, stdin=pipe, stderr=pipe, env=environment) as writer,
    ):
        assert reader.stdout  # noqa: S101
        assert writer.stdin  # noqa: S101
        try:
            writer.stdin.write(f"{BEGIN_SQL}{before}".encode())
            shutil.copyfileobj(reader.stdout, writer.stdin)
            if reader.wait() == 0:
                writer.stdin.write(b"COMMIT;\n")
            writer.stdin.close()
        except BrokenPipeError:  # psql refused a statement; its errors follow below
            reader.kill()
            with suppress(BrokenPipeError):
                writer.stdin.close()
            _require_success("psql", writer)
        _require_success("pg_restore", reader)
        _require_success("psql", writer)


def _require_success(name: str, process: "subprocess.Popen[bytes]") -> None:
    errors: IO[bytes] | None = process.stderr
    text = errors.read().decode(errors="replace") if errors else ""
    if process.wait() != 0:
        raise BackupError(f"{name}: {pg_tools.summarize_errors(text)}")
