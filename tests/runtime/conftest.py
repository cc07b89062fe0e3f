from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.paths import LocalPaths
from runtime.postgres_server import PostgresServer
from tests.clusters import copy_folder


@pytest.fixture
def places(tmp_path: Path) -> Iterator[LocalPaths]:
    places = LocalPaths.resolve(tmp_path, "local")
    yield places
    if places.sockets.is_symlink():
        places.sockets.unlink()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a new PostgreSQL, to be copied: to create it takes half a second of CPU."""
    places = LocalPaths.resolve(tmp_path_factory.mktemp("cluster"), "local")
    places.postgres.mkdir(parents=True)  # no more: the link to its sockets would stay behind
    server = PostgresServer(places, fast=True)
    server.prepare()
    return server.data_folder


@pytest.fixture
def prepared(places: LocalPaths, cluster: Path) -> LocalPaths:
    """Places in which PostgreSQL has its data already."""
    places.create_folders()
    copy_folder(cluster, places.postgres / "data")
    return places
