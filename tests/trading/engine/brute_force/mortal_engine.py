"""Engines in forks of this process, each killed by SIGKILL at a random exchange with PostgreSQL.

A portion has two of them: its locks with what it reads, and what it writes with the commit. The
engine dies before one, with the answers to one that is sent still to come, or after them.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random

import pytest
from django.db import connections
from psycopg import Connection

from core import leader
from core.postgresql import batch
from trading.engine import engine
from trading.models import EngineCheckpoint
from trading.unit import portions

LONGEST = 12  # exchanges of one life
WAYS = ("unsent", "sent", "answered")
WITHIN = 120.0  # seconds in which the quotes must be processed
PORTION = 4  # accounts
_inherited: list[object] = []  # connections of the parent, which a fork must not end


class MortalEngine:
    """One engine at a time; a killed one is followed by the next."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.deaths, self._pid = chance, 0, 0

    def process(self, batch: int, on_death: Callable[[], None]) -> None:
        """Return when the batch is processed; call `on_death` after each death before that."""
        deadline = time.monotonic() + WITHIN
        while not EngineCheckpoint.objects.filter(batch__gte=batch).exists():
            assert time.monotonic() < deadline, "the engine does not get on"
            if self._pid and os.waitpid(self._pid, os.WNOHANG)[0]:
                self._pid = 0
                self.deaths += 1
                on_death()
            elif not self._pid:
                self._pid = self._fork(self.chance.randint(1, LONGEST), self.chance.choice(WAYS))
            else:
                time.sleep(0.005)

    def kill(self) -> None:
        """End the engine that is left."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    @staticmethod
    def _fork(exchange: int, way: str) -> int:
        pid = os.fork()
        if pid == 0:
            with suppress(BaseException):
                leave_connections()
                die_at(exchange, way)
                engine.Engine().run(threading.Event())
            os._exit(1)
        return pid


def leave_connections() -> None:
    """Leave the parent's connections alone, and have new ones opened."""
    for one in connections.all(initialized_only=True):
        pools = type(one)._connection_pools  # type: ignore[attr-defined]  # missing in the stubs
        _inherited.extend((one.connection, *pools.values()))
        one.connection = None
        pools.clear()


def die_at(exchange: int, way: str) -> None:
    """Have this process killed at one of its exchanges with PostgreSQL, in one of WAYS."""
    real, left = batch._exchange, exchange

    def mortal(raw: Connection, statements: list[batch.BatchedStatement]) -> None:
        nonlocal left
        left -= 1
        if left == 0 and way == "sent":
            raw.pgconn.enter_pipeline_mode()
            for one in statements:
                batch._send(raw, one)
            raw.pgconn.pipeline_sync()
            while raw.pgconn.flush():
                pass
        if left == 0 and way != "answered":
            os.kill(os.getpid(), signal.SIGKILL)
        real(raw, statements)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    batch._exchange = mortal


@contextmanager
def mortal_engine(chance: Random) -> Iterator[MortalEngine]:
    """Run engines that are killed while the block runs, in small portions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portions, "PORTION", PORTION)
        patch.setattr(engine, "UPKEEP", 0.05)
        patch.setattr(engine, "BLOCK", 20)
        patch.setattr(leader, "POLL", 0.02)
        mortal = MortalEngine(chance)
        try:
            yield mortal
        finally:
            mortal.kill()
