"""Health checks: of the platform for its home page, and of this process's readiness.

Readiness gives every part only so long to answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from core import redis
from core.sections import load_contributions
from observe.timeboxed import CallTimeout, TimeboxedCall

PROCESSES = ("feed", "engine", "worker")
POOL_TIMEOUT = 2.0  # seconds to wait for a connection of the pool
WITHIN = 2.0  # seconds that each part of readiness gets
FRESH = 0.5  # seconds for which a result serves everybody who asks
JUDGED = {"feed": "READY_FEED_AGE", "engine": "READY_ENGINE_LAG"}  # process → setting; 0: not


@dataclass(frozen=True)
class HealthCheck:
    """A part of the platform: whether it is well, and a short message."""

    name: str
    ok: bool
    message: str


def check_platform() -> list[HealthCheck]:
    """Check the database, Redis, and where Redis answers the processes and the sections."""
    return [check_database(), *_redis_and_processes()]


def check_readiness() -> Iterator[HealthCheck]:
    """Check database, migrations, Redis, and the lags of feed and engine, in about WITHIN s."""
    for part in TIMEBOXED_CHECKS.values():
        part.start()
    for name, part in TIMEBOXED_CHECKS.items():
        try:
            yield from part.wait()
        except CallTimeout:
            yield HealthCheck(name, False, "does not answer in time")
        except Exception as error:  # noqa: BLE001 - whatever failed, this is not ready
            yield HealthCheck(name, False, f"failed ({type(error).__name__})")


def check_database() -> HealthCheck:
    """Check that the database answers.

    Over a connection of the pool, not the request's own, so that its failure can be reported.
    """
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    try:
        pool.open()  # does nothing if it is open; this may be the process's first query
        with pool.connection(timeout=POOL_TIMEOUT) as database:
            database.execute("SELECT 1")
    except (psycopg.Error, PoolTimeout):
        return HealthCheck("database", False, "does not answer")
    return HealthCheck("database", True, "answers")


def check_migrations() -> HealthCheck:
    """Check that all migrations of this release were applied; later ones do not matter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return HealthCheck("migrations", False, "none is applied")
        cursor.execute("SELECT app, name FROM django_migrations")
        missing = _known_migrations() - set(cursor.fetchall())
    message = f"{len(missing)} not applied" if missing else "applied"
    return HealthCheck("migrations", not missing, message)


def check_redis() -> HealthCheck:
    """Check that Redis answers."""
    try:
        redis.sync_client().ping()
    except RedisError:
        return HealthCheck("Redis", False, "does not answer")
    return HealthCheck("Redis", True, "answers")


def check_process(name: str) -> HealthCheck:
    """Check a process by its heartbeat."""
    alive = redis.is_alive(name)
    return HealthCheck(name, alive, "runs" if alive else "is not running")


def check_sections() -> Iterator[HealthCheck]:
    """Run what the sections declare as `health_checks`."""
    for checks in load_contributions("health_checks"):
        for name, ok, message in checks():
            yield HealthCheck(name, ok, message)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Return app and name of every migration of this release."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _redis_and_processes() -> Iterator[HealthCheck]:
    redis_check = check_redis()
    try:
        others = [*map(check_process, PROCESSES), *check_sections()] if redis_check.ok else []
    except RedisError:
        redis_check, others = HealthCheck("Redis", False, "does not answer"), []
    yield redis_check
    yield from others


def _database_and_migrations() -> list[HealthCheck]:
    """Check the database, and that it is as this release wants it."""
    answers = check_database()
    return [answers, *([check_migrations()] if answers.ok else [])]


def _redis_alone() -> list[HealthCheck]:
    # Without Redis nothing is known of the others.
    return [check_redis()]


def _judged_processes() -> list[HealthCheck]:
    """Check the processes that this one's answers depend on, and how far they are behind."""
    if not check_redis().ok:
        return []
    judged = [name for name, setting in JUDGED.items() if getattr(settings, setting)]
    return [*map(check_process, judged), *check_sections()]


def _timeboxed(check: Callable[[], list[HealthCheck]]) -> TimeboxedCall[list[HealthCheck]]:
    return TimeboxedCall(check, within=WITHIN, fresh=FRESH)


TIMEBOXED_CHECKS = {
    "database": _timeboxed(_database_and_migrations),
    "Redis": _timeboxed(_redis_alone),
    "feed and engine": _timeboxed(_judged_processes),
}
