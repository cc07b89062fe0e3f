"""Transactions that are safe to run again, and advisory locks. The order is in docs/locks.md."""

import hashlib
import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import NotSupportedError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, FeatureNotSupported, SerializationFailure

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 3
# The last one: a migration has changed a prepared statement's result; the rollback drops it.
RETRIED = DeadlockDetected | SerializationFailure | FeatureNotSupported
PAUSE = 0.02  # seconds, times the attempt: whoever waited for the freed lock must get it first
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
HELD = """
    SELECT EXISTS (
        SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 1
        AND classid = %s::bigint::oid AND objid = %s::bigint::oid AND granted
    )
"""
log = logging.getLogger(__name__)


def advisory_key(name: str) -> int:
    """Return the number of the advisory lock of this name: a signed bigint."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def try_lock(name: str) -> bool:
    """Take an advisory lock until the transaction ends; False, at once, if another holds it."""
    with connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [advisory_key(name)])
        return bool(cursor.fetchone()[0])


def is_locked(name: str) -> bool:
    """Return whether somebody holds the advisory lock, without taking it."""
    high, low = divmod(advisory_key(name) % 2**64, 2**32)  # pg_locks shows it in two halves
    with connection.cursor() as cursor:
        cursor.execute(HELD, [high, low])
        return bool(cursor.fetchone()[0])


def transactional(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in one transaction, and run it again where that is safe.

    A deadlock, a serialization failure or an outdated plan makes it run again, ATTEMPTS
    times in all. Inside an outer transaction it only takes part: what must be repeated is
    the whole.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            with transaction.atomic():
                return function(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except (OperationalError, NotSupportedError) as error:
                retry = isinstance(error.__cause__, RETRIED)
                if not retry or attempt == ATTEMPTS:
                    raise
                log.warning("%s: attempt %s failed: %s", function.__qualname__, attempt, error)
                time.sleep(PAUSE * attempt)
        raise AssertionError("unreachable")

    return run
