"""Missing programs are reported in one line with the remedy."""

import pytest

from runtime import child_process, postgres_server, redis_server
from runtime.errors import CannotStart
from runtime.paths import LocalPaths
from runtime.servers import run_private_servers


def test_root_without_namespaces_gets_a_remedy(
    places: LocalPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server.PostgresServer, "leave_root", True)
    monkeypatch.setattr(child_process, "_unshare", lambda _: -1)
    with (
        pytest.raises(CannotStart, match="run as an ordinary user or set DATABASE_URL"),
        run_private_servers(places, postgres=True, redis=False),
    ):
        pass


def test_a_missing_redis_is_reported_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(redis_server, "find_spec", lambda _: None)
    with pytest.raises(CannotStart, match="install redis-server or set REDIS_URL"):
        redis_server.find_binary()


def test_redis_from_path_is_preferred(places: LocalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    places.create_folders()
    own = places.root / "redis-server"
    own.write_text("")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(places.root))
    assert redis_server.find_binary() == str(own)


def test_a_missing_postgresql_is_reported_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "find_spec", lambda _: None)
    with pytest.raises(CannotStart, match="set DATABASE_URL"):
        postgres_server.find_binaries()
