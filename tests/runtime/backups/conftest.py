"""A second database on the run's server, and `manage.py` in a process that knows only it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests import forked

OTHER_REDIS = 5  # number of the Redis database that belongs to the other platform
NAME = "restored"


class TargetDatabase:
    """An empty database, a Redis of its own, and the commands that run there."""

    def __init__(self) -> None:
        self.params = {
            **{
                k: v
                for k, v in connection.get_connection_params().items()
                if k in ("host", "port", "user", "password")
            },
            "dbname": NAME,
        }
        address = urlsplit(settings.DATABASE_URL)._replace(path=f"/{NAME}")
        redis, _, _ = settings.REDIS_URL.partition("?db=")
        joined = f"{redis}?db={OTHER_REDIS}" if redis.startswith("unix") else redis
        self.redis_url = joined
        self.environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(address),
            "REDIS_URL": joined,
        }

    def manage(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return forked.run(["manage.py", *words], self.environment, timeout=90)

    def restore(self, file: Path, *words: str) -> str:
        """Restore the file, which must succeed; return the output."""
        done = self.manage("restore", str(file), *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused_restore(self, file: Path, *words: str) -> str:
        """Restore the file, which must fail; return the error output."""
        done = self.manage("restore", str(file), *words)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(**self.params) as session:
            return session.execute(query.encode()).fetchall()

    def run(self, statement: str) -> None:
        with psycopg.connect(**self.params) as session:
            session.execute(statement.encode())


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[TargetDatabase]:
    place = TargetDatabase()
    with psycopg.connect(**{**place.params, "dbname": "postgres"}, autocommit=True) as session:
        session.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)".encode())
        session.execute(f"CREATE DATABASE {NAME}".encode())
        yield place
        session.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)".encode())
