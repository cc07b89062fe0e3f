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
from tests.backups.conftest import Elsewhere
from tests.backups.tables import contents
from trading import services
from trading.enums import Cmd
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


def here(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def backup(target: Path) -> str:
    said = StringIO()
    call_command("backup", str(target), stdout=said)
    return said.getvalue()


def buy(login: int = 100001) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=1)


@pytest.fixture
def book(alice: Account, bob: Account, eurusd: Symbol) -> None:
    """Open and closed positions of two clients."""
    for login in (100001, 100002):
        first = buy(login)
        buy(login)
        services.close(login=login, order=first.order)


@pytest.mark.usefixtures("book")
def test_every_row_of_every_table_comes_back(tmp_path: Path, elsewhere: Elsewhere) -> None:
    backup(tmp_path / "a.dump")
    said = elsewhere.restored(tmp_path / "a.dump")
    assert "the ledger is exact" in said
    assert contents(elsewhere.rows) == contents(here)
    assert len(contents(here)) > 30  # tables


@pytest.mark.usefixtures("book")
def test_while_trades_are_opened_and_closed_it_is_of_one_moment(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    begun, stop = threading.Barrier(3), threading.Event()

    def trade(login: int) -> None:
        try:
            begun.wait()
            while not stop.is_set():
                services.close(login=login, order=buy(login).order)
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
    assert "the ledger is exact" in elsewhere.restored(tmp_path / "a.dump")
    after = Trade.objects.count()
    ((kept,),) = elsewhere.rows("SELECT count(*) FROM trading_trade")
    assert isinstance(kept, int)
    assert before <= kept < after  # trading went on behind the snapshot
    closed = "SELECT t::text FROM trading_trade AS t WHERE state = 3"
    assert set(elsewhere.rows(closed)) <= set(here(closed))


@pytest.mark.usefixtures("book")
def test_only_its_owner_reads_the_file_and_other_tools_can_check_it(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        said = backup(tmp_path)
    finally:
        os.umask(mask)
    dump, its_sum = sorted(tmp_path.iterdir())
    assert said.startswith(f"{dump}: ")
    assert dump.name.startswith("broker-")
    for path in (dump, its_sum):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    subprocess.run(["sha256sum", "--check", its_sum.name], cwd=tmp_path, check=True)


@pytest.mark.usefixtures("book")
def test_with_force_it_replaces_what_is_there(tmp_path: Path, elsewhere: Elsewhere) -> None:
    backup(tmp_path / "a.dump")
    elsewhere.restored(tmp_path / "a.dump")
    elsewhere.run("CREATE TABLE of_a_newer_release AS SELECT * FROM trading_trade")
    elsewhere.run("DELETE FROM realtime_accountevent")
    assert "not empty" in elsewhere.refused(tmp_path / "a.dump")
    elsewhere.restored(tmp_path / "a.dump", "--force")
    assert contents(elsewhere.rows) == contents(here)
    elsewhere.manage("backup", str(tmp_path / "b.dump"))
    elsewhere.restored(tmp_path / "b.dump", "--force")
    assert contents(elsewhere.rows) == contents(here)


@pytest.mark.usefixtures("book")
def test_redis_forgets_the_history_that_the_database_has_not_had(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    other = redis.Redis.from_url(elsewhere.redis_url)
    other.set("path", "of another time")
    backup(tmp_path / "a.dump")
    assert "Redis emptied" in elsewhere.restored(tmp_path / "a.dump")
    assert other.dbsize() == 0
    other.close()


@pytest.mark.usefixtures("book")
def test_a_backup_of_an_older_release_says_what_to_do(tmp_path: Path, elsewhere: Elsewhere) -> None:
    backup(tmp_path / "a.dump")
    elsewhere.restored(tmp_path / "a.dump")
    elsewhere.run("DELETE FROM django_migrations WHERE app = 'scripts'")
    elsewhere.manage("backup", str(tmp_path / "older.dump"))
    done = elsewhere.manage("restore", str(tmp_path / "older.dump"), "--force")
    assert "manage.py migrate" in done.stderr
    assert done.returncode == 1
