"""Engines as processes of their own, and how many stops they have executed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.tools.bench import rig

READY_WITHIN = 60.0  # seconds


@contextmanager
def running_engines(shards: int) -> Iterator[None]:
    """Run an engine for each shard until the block ends, which begins when all of them lead."""
    with ExitStack() as stack:
        pids = {stack.enter_context(_running_engine(shard, shards)) for shard in range(shards)}
        deadline = time.monotonic() + READY_WITHIN
        while not pids <= _leading_pids():
            if time.monotonic() > deadline:
                raise SystemExit("error: the engines do not start")
            time.sleep(0.1)
        yield


@contextmanager
def _running_engine(shard: int, shards: int) -> Iterator[int]:
    environment = os.environ | {"PYTHONPATH": f"{rig.ROOT}:{rig.ROOT}/platform"}
    command = [sys.executable, str(rig.ROOT / "manage.py"), "run_engine"]
    command += ["--shard", str(shard), "--shards", str(shards)]
    process = subprocess.Popen(command, cwd=rig.ROOT, env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _leading_pids() -> set[int]:
    """Return the processes of the engines that lead."""
    from core.heartbeats import read_heartbeats

    engines = read_heartbeats().get("engine", {})
    return {int(name.rpartition("-")[2]) for name, numbers in engines.items() if numbers["leader"]}


def closed_count(symbol: str) -> int:
    """Return how many stops have been executed."""
    from trading.enums import Activation
    from trading.models import Trade

    return Trade.objects.filter(symbol=symbol, activation=Activation.STOP_LOSS).count()
