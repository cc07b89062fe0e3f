"""`manage.py backup` and `restore`: every row comes back."""

import os
import stat
import subprocess
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import call_command
from django.db import connection

from accounts.models import Account
from market.models import Symbol
from tests.runtime.backups.conftest import TargetDatabase
from tests.runtime.backups.table_contents import table_contents
from trading import services
from trading.enums import Cmd
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


def here(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def backup(target: Path) -> str:
    output = StringIO()
    call_command("backup", str(target), stdout=output)
    return output.getvalue()


def buy(login: int = 100001) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=1)


@pytest.fixture
def book(alice: Account, bob: Account, eurusd: Symbol) -> None:
    """Open and closed positions of two clients."""
    for login in (100001, 100002):
        first = buy(login)
        buy(login)
        services.close_position(login=login, order=first.order)


@pytest.mark.usefixtures("book")
def test_every_row_of_every_table_comes_back(tmp_path: Path, elsewhere: TargetDatabase) -> None:
    backup(tmp_path / "a.dump")
    output = elsewhere.restore(tmp_path / "a.dump")
    assert "the ledger is exact" in output
    assert table_contents(elsewhere.rows) == table_contents(here)
    assert len(table_contents(here)) > 30  # tables


@pytest.mark.usefixtures("book")
def test_a_backup_during_trading_is_a_consistent_snapshot(
    tmp_path: Path, elsewhere: TargetDatabase
) -> None:
    begun, stop = threading.Barrier(3), threading.Event()

    def trade(login: int) -> None:
        try:
            begun.wait()
            while not stop.is_set():
                services.close_position(login=login, order=buy(login).order)
        finally:
            connection.close()

    threads = [threading.Thread(target=trade, args=(login,)) for login in (100001, 100002)]
    for thread in threads:
        thread.start()
    before = Trade.objects.count()
    begun.wait()
    backup(tmp_path / "a.dump")
    stop.set()
    for thread in threads:
        thread.join(10)
    assert "the ledger is exact" in elsewhere.restore(tmp_path / "a.dump")
    after = Trade.objects.count()
    ((kept,),) = elsewhere.rows("SELECT count(*) FROM trading_trade")
    assert isinstance(kept, int)
    assert before <= kept < after  # trading went on behind the snapshot
    closed = "SELECT t::text FROM trading_trade AS t WHERE state = 3"
    assert set(elsewhere.rows(closed)) <= set(here(closed))


@pytest.mark.usefixtures("book")
def test_the_file_is_readable_by_its_owner_alone_and_has_a_checksum(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        output = backup(tmp_path)
    finally:
        os.umask(umask)
    dump, its_sum = sorted(tmp_path.iterdir())
    assert output.startswith(f"{dump}: ")
    assert dump.name.startswith("broker-")
    for path in (dump, its_sum):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    subprocess.run(["sha256sum", "--check", its_sum.name], cwd=tmp_path, check=True)


@pytest.mark.usefixtures("book")
def test_a_restore_with_force_replaces_the_database(
    tmp_path: Path, elsewhere: TargetDatabase
) -> None:
    backup(tmp_path / "a.dump")
    elsewhere.restore(tmp_path / "a.dump")
    elsewhere.run("CREATE TABLE of_a_newer_release AS SELECT * FROM trading_trade")
    elsewhere.run("DELETE FROM realtime_accountevent")
    assert "not empty" in elsewhere.refused_restore(tmp_path / "a.dump")
    elsewhere.restore(tmp_path / "a.dump", "--force")
    assert table_contents(elsewhere.rows) == table_contents(here)
    elsewhere.manage("backup", str(tmp_path / "b.dump"))
    elsewhere.restore(tmp_path / "b.dump", "--force")
    assert table_contents(elsewhere.rows) == table_contents(here)


@pytest.mark.usefixtures("book")
def test_a_restore_empties_redis(tmp_path: Path, elsewhere: TargetDatabase) -> None:
    other = redis.Redis.from_url(elsewhere.redis_url)
    other.set("path", "of another time")
    backup(tmp_path / "a.dump")
    assert "Redis emptied" in elsewhere.restore(tmp_path / "a.dump")
    assert other.dbsize() == 0
    other.close()


@pytest.mark.usefixtures("book")
def test_restoring_a_backup_of_an_older_release_says_to_migrate(
    tmp_path: Path, elsewhere: TargetDatabase
) -> None:
    backup(tmp_path / "a.dump")
    elsewhere.restore(tmp_path / "a.dump")
    elsewhere.run("DELETE FROM django_migrations WHERE app = 'scripts'")
    elsewhere.manage("backup", str(tmp_path / "older.dump"))
    done = elsewhere.manage("restore", str(tmp_path / "older.dump"), "--force")
    assert "manage.py migrate" in done.stderr
    assert done.returncode == 1
