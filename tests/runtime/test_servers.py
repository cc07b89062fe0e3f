"""The private servers: start, stop, start again."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
import redis

from runtime.errors import CannotStart, Interrupted
from runtime.paths import LocalPaths
from runtime.servers import PrivateServers, run_private_servers
from tests.runtime.process_helpers import has_ended, wait_until


def database(places: LocalPaths) -> psycopg.Connection:
    return psycopg.connect(
        host=str(places.sockets), port=5432, user="broker", dbname="broker", autocommit=True
    )


def cache(places: LocalPaths) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(places.sockets / "redis.sock"), decode_responses=True)


def pids(servers: PrivateServers) -> list[int]:
    return [server.child.pid for server in servers.servers if server.child]


def test_data_is_kept_from_one_run_to_the_next(prepared: LocalPaths) -> None:
    with run_private_servers(prepared, postgres=True, redis=True):
        with database(prepared) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'é' AS letter")
        cache(prepared).set("kept", "yes")
    with run_private_servers(prepared, postgres=True, redis=True):
        with database(prepared) as connection:
            assert connection.execute("SELECT upper(letter) FROM kept").fetchone() == ("É",)
        assert cache(prepared).get("kept") == "yes"


def test_both_servers_end_with_the_block_and_leave_no_pid_file(prepared: LocalPaths) -> None:
    with run_private_servers(prepared, postgres=True, redis=True, fast=True) as servers:
        running = pids(servers)
        written = [int((prepared.pids / name).read_text()) for name in ("postgres", "redis")]
        assert written == running
    assert all(has_ended(pid) for pid in running)
    assert list(prepared.pids.iterdir()) == []


def test_the_servers_are_closed_to_the_network_and_other_users(prepared: LocalPaths) -> None:
    with run_private_servers(prepared, postgres=True, redis=True, fast=True):
        with database(prepared) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert cache(prepared).config_get("port") == {"port": "0"}
        assert prepared.sockets.stat().st_mode & 0o777 == 0o700


def test_the_terminals_ctrl_c_does_not_reach_the_servers(prepared: LocalPaths) -> None:
    with run_private_servers(prepared, postgres=True, redis=True, fast=True) as servers:
        assert all(os.getsid(pid) == pid for pid in pids(servers))


def test_only_the_requested_servers_are_started(places: LocalPaths) -> None:
    with run_private_servers(places, postgres=False, redis=True, fast=True) as servers:
        assert [server.name for server in servers.servers] == ["redis"]
    assert not list(places.postgres.iterdir())


def test_a_stale_pid_file_does_not_stop_a_start(prepared: LocalPaths) -> None:
    file = prepared.postgres / "data" / "postmaster.pid"
    with run_private_servers(prepared, postgres=True, redis=False, fast=True):
        lines = file.read_text().splitlines()
    # As after kill -9, the machine's restart, and another process that got the same number.
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with run_private_servers(prepared, postgres=True, redis=False, fast=True):
        assert file.read_text().splitlines()[0] != str(os.getpid())


def test_servers_killed_with_sigkill_restart_with_their_data(prepared: LocalPaths) -> None:
    with run_private_servers(prepared, postgres=True, redis=True) as servers:
        with database(prepared) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        for pid in pids(servers):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: all(server.has_ended() for server in servers.servers))
    with (
        run_private_servers(prepared, postgres=True, redis=True),
        database(prepared) as connection,
    ):
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    places = LocalPaths.resolve(tmp_path / "with a space, a comma" / ("long-" * 12), "local")
    with run_private_servers(places, postgres=True, redis=True, fast=True):
        assert database(places).execute("SELECT 1").fetchone() == (1,)
        assert cache(places).ping()
    places.sockets.unlink()


def test_a_half_created_cluster_is_replaced(places: LocalPaths) -> None:
    places.create_folders()
    (places.postgres / "new").mkdir()
    (places.postgres / "new" / "PG_VERSION").write_text("1")
    with run_private_servers(places, postgres=True, redis=False, fast=True):
        assert database(places).execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_fails_shows_its_last_lines(prepared: LocalPaths) -> None:
    with run_private_servers(prepared, postgres=True, redis=False, fast=True):
        pass
    (prepared.postgres / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    with (
        pytest.raises(CannotStart, match=r"PostgreSQL did not start:\n.*nonsense"),
        run_private_servers(prepared, postgres=True, redis=False, fast=True),
    ):
        pass


def test_a_signal_during_the_start_ends_it(prepared: LocalPaths) -> None:
    with (
        pytest.raises(Interrupted),
        run_private_servers(prepared, postgres=True, redis=True, stopping=lambda: True),
    ):
        pass
    assert list(prepared.pids.iterdir()) == []
