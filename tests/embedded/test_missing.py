"""Missing programs are reported in one line with the remedy."""

import pytest

from embedded import child, postgres, redis
from embedded.errors import CannotStart
from embedded.places import Places
from embedded.servers import private_servers


def test_a_root_user_without_namespaces_is_told_what_to_do(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres.Postgres, "leave_root", True)
    monkeypatch.setattr(child, "_unshare", lambda _: -1)
    with (
        pytest.raises(CannotStart, match="run as an ordinary user or set DATABASE_URL"),
        private_servers(places, postgres=True, redis=False),
    ):
        pass


def test_a_machine_without_redis_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(redis, "find_spec", lambda _: None)
    with pytest.raises(CannotStart, match="install redis-server or set REDIS_URL"):
        redis.binary()


def test_redis_from_the_path_comes_first(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.make()
    own = places.root / "redis-server"
    own.write_text("")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(places.root))
    assert redis.binary() == str(own)


def test_a_machine_without_postgresql_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)
    with pytest.raises(CannotStart, match="set DATABASE_URL"):
        postgres.binaries()
