"""Whether the platform is well: each part is asked, and what does not answer is said."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from core import redis
from core.sections import load_contributions

PROCESSES = ("feed", "engine", "worker")
PATIENCE = 2.0  # seconds that the database gets to give a connection


@dataclass(frozen=True)
class Check:
    """One part: whether it is well, and a few words."""

    name: str
    ok: bool
    words: str


def checks() -> list[Check]:
    """The database, Redis and, where Redis can say it, the processes and the sections' own."""
    return [database(), *cache_and_processes()]


def database() -> Check:
    """Over a connection of the pool, not the request's own, so that its failure is ours to tell."""
    pool: Any = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    try:
        pool.open()  # no work if it is; nothing else may have asked in this process yet
        with pool.connection(timeout=PATIENCE) as database:
            database.execute("SELECT 1")
    except (psycopg.Error, PoolTimeout):
        return Check("database", False, "does not answer")
    return Check("database", True, "answers")


def cache() -> Check:
    """Redis itself."""
    try:
        redis.client().ping()
    except RedisError:
        return Check("Redis", False, "does not answer")
    return Check("Redis", True, "answers")


def cache_and_processes() -> Iterator[Check]:
    """What Redis knows."""
    answers = cache()
    try:
        rest = [*map(process, PROCESSES), *of_sections()] if answers.ok else []
    except RedisError:
        answers, rest = Check("Redis", False, "does not answer"), []
    yield answers
    yield from rest


def process(name: str) -> Check:
    """A process by its heartbeat."""
    alive = redis.alive(name)
    return Check(name, alive, "runs" if alive else "is not running")


def of_sections() -> Iterator[Check]:
    """Yield the checks that the sections declare."""
    for find in load_contributions("health_checks"):
        for name, ok, words in find():
            yield Check(name, ok, words)
