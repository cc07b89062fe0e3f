"""The store of the cluster that tests copy: made once, never partial, and never an old one."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import ProgrammingError
from pytest_django import Settings

from runtime.errors import CannotStart
from runtime.paths import LocalPaths
from tests import servers
from tests.clusters import UNFINISHED, ClusterStore

Copy = Callable[[str, str], str]


@pytest.fixture
def made() -> list[str]:
    """Which names were made."""
    return []


@pytest.fixture
def copy(tmp_path: Path, made: list[str]) -> Copy:
    """Copy the cluster of a name into a worker's folder; return what is there."""
    store = ClusterStore(tmp_path / "store")

    def run(worker: str, name: str) -> str:
        postgres = tmp_path / worker

        def make() -> Path:
            made.append(name)
            (postgres / "data").mkdir(parents=True)
            (postgres / "data" / "PG_VERSION").write_text(name)
            return postgres / "data"

        postgres.mkdir(exist_ok=True)
        store.copy_into(postgres, name, make)
        return (postgres / "data" / "PG_VERSION").read_text()

    return run


def test_several_at_once_make_one(copy: Copy, made: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(copy, ("a", "b", "c", "d"), ["one"] * 4))
    assert (found, made) == (["one"] * 4, ["one"])


def test_what_a_worker_has_changed_stays_its_own(copy: Copy, tmp_path: Path) -> None:
    copy("a", "one")
    (tmp_path / "a" / "data" / "PG_VERSION").write_text("changed")
    assert (copy("a", "one"), copy("b", "one")) == ("changed", "one")


def test_another_name_replaces_the_copy_and_the_cluster(
    copy: Copy, made: list[str], tmp_path: Path
) -> None:
    assert (copy("a", "one"), copy("a", "two"), copy("b", "two")) == ("one", "two", "two")
    assert made == ["one", "two"]
    assert not (tmp_path / "store" / "one").exists()


def test_a_killed_removal_leaves_no_part_under_the_name(
    copy: Copy, made: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def remove_in_part(folder: Path, **_: object) -> None:
        """Do as a removal that is killed while it runs."""
        if folder.is_dir() and folder.parent.name == "store":
            (folder / "PG_VERSION").unlink()
            raise KeyboardInterrupt

    copy("a", "one")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", remove_in_part)
        with pytest.raises(KeyboardInterrupt):
            copy("b", "two")
    assert copy("c", "one") == "one"
    assert made == ["one", "one"]
    assert {path.name for path in (tmp_path / "store").iterdir()} == {"lock", "one"}


def test_a_killed_copy_is_done_again(copy: Copy, made: list[str], tmp_path: Path) -> None:
    for left in ("data", UNFINISHED):
        (tmp_path / "a" / left).mkdir(parents=True)
        (tmp_path / "a" / left / "partial").touch()
    assert copy("a", "one") == "one"
    assert [path.name for path in (tmp_path / "a" / "data").iterdir()] == ["PG_VERSION"]
    assert made == ["one"]


def test_a_worker_without_servers_hands_on_the_reason(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def fail(*_: object) -> None:
        raise CannotStart("initdb failed: no space")

    monkeypatch.setattr(servers.STORE, "copy_into", fail)
    settings.OWN_DATABASE = True
    config = SimpleNamespace(option=SimpleNamespace(collectonly=False), workerinput={})
    session: Any = SimpleNamespace(config=config, shouldstop=False)
    with pytest.raises(pytest.exit.Exception, match="error: initdb failed: no space"):
        servers.pytest_collection_finish(session)
    assert session.shouldstop == "error: initdb failed: no space"


def test_tests_begin_beside_a_migration_that_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ProgrammingError("no such column")

    monkeypatch.setattr(servers.STORE, "copy_into", fail)
    config: Any = None
    servers.copy_cluster(config, LocalPaths.resolve(tmp_path, "local"))
    assert "no such column" in capsys.readouterr().err
