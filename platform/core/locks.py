"""Transactions that are safe to run again, and advisory locks. The order is in docs/locks.md."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 3
log = logging.getLogger(__name__)


def transactional(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in one transaction; a deadlock or serialization failure is run again.

    Inside an outer transaction it only takes part: what must be repeated is the whole.
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
            except OperationalError as error:
                retry = isinstance(error.__cause__, DeadlockDetected | SerializationFailure)
                if not retry or attempt == ATTEMPTS:
                    raise
                log.warning("%s: attempt %s failed: %s", function.__qualname__, attempt, error)
        raise AssertionError("unreachable")

    return run
