"""Refused or failed backups and restores change nothing."""

import hashlib
import os
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from runtime.backups import backup_archive, pg_tools, restore_backup
from runtime.backups.errors import BackupError
from runtime.backups.pg_tools import PgTools
from tests.runtime.backups.conftest import TargetDatabase

pytestmark = pytest.mark.django_db(transaction=True)
RELATIONS = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


@pytest.fixture
def dump(alice: Account, tmp_path: Path) -> Path:
    path = tmp_path / "a.dump"
    call_command("backup", str(path))
    return path


def test_a_changed_byte_is_noticed_before_the_restore_starts(
    dump: Path, elsewhere: TargetDatabase
) -> None:
    data = bytearray(dump.read_bytes())
    data[len(data) // 2] ^= 1
    dump.write_bytes(data)
    assert "is damaged" in elsewhere.refused_restore(dump)
    backup_archive.checksum_file(dump).unlink()
    assert "cannot be checked" in elsewhere.refused_restore(dump)
    backup_archive.checksum_file(dump).write_text(
        f"{hashlib.sha256(b'none').hexdigest()}  a.dump\n"
    )
    dump.write_bytes(b"none")  # its sum is right, and it is no backup
    assert "pg_restore: " in elsewhere.refused_restore(dump)
    assert elsewhere.rows(RELATIONS) == [(0,)]


def test_a_database_in_use_is_not_restored(dump: Path, elsewhere: TargetDatabase) -> None:
    with psycopg.connect(**elsewhere.params):
        for words in ((), ("--force",)):
            assert "is in use" in elsewhere.refused_restore(dump, *words)
    assert elsewhere.rows(RELATIONS) == [(0,)]


def test_a_restore_that_fails_halfway_is_rolled_back(
    dump: Path, elsewhere: TargetDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.run("CREATE TABLE precious AS SELECT 1 AS one")
    address = psycopg.conninfo.make_conninfo(**elsewhere.params)
    monkeypatch.setattr(pg_tools, "connection_string", lambda: address)
    tools = pg_tools.find_tools()
    with pytest.raises(BackupError, match="does not exist"):
        restore_backup.load_dump(tools, dump, before="SELECT * FROM nothing;\n")
    half = PgTools(half_reader(dump.parent, tools))
    with pytest.raises(BackupError, match="pg_restore: cut"):
        restore_backup.load_dump(half, dump, before=restore_backup.CLEAR_SQL)
    assert elsewhere.rows(RELATIONS) == [(1,)]
    assert elsewhere.rows("SELECT one FROM precious") == [(1,)]


def half_reader(folder: Path, tools: PgTools) -> Path:
    """An installation whose pg_restore dies in the middle."""
    script = f'#!/bin/sh\n{tools.folder}/pg_restore "$@" | head -c 20000\necho cut >&2; exit 1\n'
    (folder / "pg_restore").write_text(script)
    (folder / "pg_restore").chmod(0o755)
    (folder / "psql").symlink_to(tools.folder / "psql")
    return folder


def test_a_backup_overwrites_no_file(dump: Path) -> None:
    before = dump.read_bytes()
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", str(dump))
    with pytest.raises(CommandError, match="there is no folder"):
        call_command("backup", str(dump.parent / "none" / "b.dump"))
    assert dump.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(
    alice: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = pg_tools.connection_string().replace("test_broker", "nowhere")
    monkeypatch.setattr(pg_tools, "connection_string", lambda: address)
    with pytest.raises(CommandError, match=r"pg_dump: .*nowhere"):
        call_command("backup", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_tools_older_than_the_server_are_skipped(
    alice: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in pg_tools.TOOL_NAMES:
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 9.6.1'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = pg_tools.find_tools().folder
    assert found != tmp_path
    monkeypatch.setattr(pg_tools, "find_binaries", lambda: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="or newer"):
        pg_tools.find_tools()


def test_the_password_is_in_no_command_line(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "hush")
    assert "hush" not in pg_tools.connection_string()
    assert pg_tools.tool_environment()["PGPASSWORD"] == "hush"
