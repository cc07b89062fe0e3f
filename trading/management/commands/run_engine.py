"""`manage.py run_engine`: execute SL, TP, pendings, expiries and margin levels of one shard."""

import gc
import signal
import threading

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.numbers import read_integer
from trading.engine.engine import Engine
from trading.engine.engine_checkpoints import MAX_SHARDS

# A portion makes tens of thousands of objects that live until its end: the usual threshold of 700
# would look through all of them again and again, a fifth of the engine's time in a crowd.
GC_THRESHOLDS = 50_000, 20, 100


class Command(BaseCommand):
    help = "Process the tick log and execute the triggers; a second process waits as standby."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shard", type=read_integer, default=0, help="from 0, below --shards")
        parser.add_argument("--shards", type=read_integer, default=1, help=f"at most {MAX_SHARDS}")

    def handle(self, *_: object, shard: int, shards: int, **__: object) -> None:
        if not 0 <= shard < shards <= MAX_SHARDS:
            raise CommandError(
                f"--shard is from 0 and below --shards, which is at most {MAX_SHARDS}"
            )
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        collect_garbage_rarely()
        Engine(shard, shards).run(stop)


def collect_garbage_rarely() -> None:
    """Set this process's garbage collection as an engine needs it; what is loaded by now stays."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
