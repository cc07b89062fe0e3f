"""Real engine processes, a leader and its standby; the leader is killed while it works."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import IO, TypeVar

from django.conf import settings
from django.db import connection

from tests import forked
from tests.runtime.process_helpers import ROOT
from tests.trading.engine.brute_force.plan_player import Tape
from trading.models import EngineCheckpoint, Fill

WITHIN = 120.0  # seconds in which something must move
LEADING = "processing from batch"  # what the engine logs when it leads


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as `condition` is true; fail when nothing has moved for WITHIN seconds.

    What moves are the engines' places and what was filled.
    """
    seen, deadline = None, 0.0
    while not condition():
        now = engine_progress()
        if now != seen:
            seen, deadline = now, time.monotonic() + WITHIN
        assert time.monotonic() < deadline, f"nothing moves: {now}"
        time.sleep(0.1)  # what is awaited is written once a second


def engine_progress() -> tuple[object, ...]:
    """Return how far the engines have come."""
    places = EngineCheckpoint.objects.order_by("pk").values_list("shards", "shard", "batch")
    return tuple(places), Fill.objects.count()


class EngineProcess:
    """`manage.py run_engine` on this process's servers."""

    def __init__(self, shard: int = 0, shards: int = 1) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open while it runs
        name = connection.settings_dict["NAME"]
        database = f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}"
        env = {"DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, "LOG_LEVEL": "INFO"}
        words = [str(ROOT / "manage.py"), "run_engine", f"--shard={shard}", f"--shards={shards}"]
        log = self._log
        self._process = forked.Process(words, {**os.environ, **env}, (log, log))

    def has_started(self) -> bool:
        """Return whether it leads or stands by."""
        return "leading" in self.output() or "standing by" in self.output()

    def has_led(self) -> bool:
        """Return whether it has ever become the leader."""
        return LEADING in self.output()

    def check_alive(self) -> None:
        """Check that it has not ended by itself."""
        assert self._process.poll() is None, self.output()[-3000:]

    def output(self) -> str:
        return forked.read_all(self._log)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()
        self._process.wait()
        self._log.close()


class KilledEngines:
    """Kills the leader after `chance` batches, when it has just carried out a few."""

    def __init__(self, tape: Tape, chance: Random, rate: float) -> None:
        self.tape, self.chance, self.rate = tape, chance, rate
        self.kills = 0
        self.processes = [EngineProcess(), EngineProcess()]

    def on_batch(self) -> None:
        if self.chance.random() < self.rate:
            more = Fill.objects.count() + self.chance.randint(1, 8)
            wait_until(lambda: Fill.objects.count() >= more or self._is_done())
            self._kill()

    def before_request(self) -> int:
        wait_until(self._is_done)
        return self.tape.sent

    def after_change(self) -> None:
        raise NotImplementedError("when a process sees other terms is not known to a quote")

    def finish(self) -> None:
        self._kill()
        self.before_request()

    def _is_done(self) -> bool:
        """Return whether all quotes are processed, by the checkpoint of each second."""
        for process in self.processes:
            process.check_alive()
        place = EngineCheckpoint.objects.filter(shards=1).first()
        return place is not None and place.batch >= self.tape.newest

    def _kill(self) -> None:
        wait_until(lambda: any(process.has_led() for process in self.processes))
        leader = next(process for process in self.processes if process.has_led())
        leader.kill()
        self.processes.remove(leader)
        self.processes.append(EngineProcess())
        self.kills += 1


class ReshardedEngines:
    """Runs one shard count after the other while quotes come; kills the old engines."""

    def __init__(self, tape: Tape, chance: Random, numbers: Sequence[int]) -> None:
        self.tape, self.chance = tape, chance
        self.shards, *self._next = numbers
        self._every = len(tape.raws) // len(numbers)
        self._change_at = self._every
        self.processes = self._started()

    def on_batch(self) -> None:
        if self._next and self.tape.sent >= self._change_at:
            self._change_at += self._every
            self._change()

    def before_request(self) -> int:
        wait_until(self._is_done)
        return self.tape.sent

    def after_change(self) -> None:
        raise NotImplementedError("when a process sees other terms is not known to a quote")

    def finish(self) -> None:
        while self._next:
            self._change()
        self.before_request()

    def _started(self) -> list[EngineProcess]:
        return [EngineProcess(shard, self.shards) for shard in range(self.shards)]

    def _change(self) -> None:
        """Start the new engines, which lead or stand by; then kill the old ones."""
        old, self.shards = self.processes, self._next.pop(0)
        self.processes = [*self._started(), *old]  # so that all of them end with the block
        wait_until(lambda: all(process.has_started() for process in self.processes))
        for process in self.chance.sample(old, len(old)):
            process.kill()
            self.processes.remove(process)

    def _is_done(self) -> bool:
        """Return whether all is processed, and no row of another shard count is left."""
        for process in self.processes:
            process.check_alive()
        found = list(EngineCheckpoint.objects.values_list("shards", "shard", "batch"))
        expected = {(self.shards, shard) for shard in range(self.shards)}
        return {row[:2] for row in found} == expected and all(
            batch >= self.tape.newest for *_, batch in found
        )


Engines = TypeVar("Engines", KilledEngines, ReshardedEngines)


@contextmanager
def ended_after(engines: Engines) -> Iterator[Engines]:
    """End the driver's processes with the block."""
    try:
        yield engines
    finally:
        for process in engines.processes:
            process.kill()


def killed_engines(
    tape: Tape, chance: Random, rate: float
) -> AbstractContextManager[KilledEngines]:
    """Run engines that are killed while they work, and their standbys."""
    return ended_after(KilledEngines(tape, chance, rate))


def resharded_engines(
    tape: Tape, chance: Random, numbers: Sequence[int]
) -> AbstractContextManager[ReshardedEngines]:
    """Run engines with these shard counts, one after the other."""
    return ended_after(ReshardedEngines(tape, chance, numbers))
