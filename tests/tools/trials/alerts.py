"""Alerts over real ticks: `PYTHONPATH=.:platform python -m tests.tools.trials.alerts FILE…`.

Random alerts of all conditions, by `--seed`, against every tick in plain decimals.
"""

import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from heapq import merge
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from market.feed.intake import RawTick
    from tests.alerts.evaluation.random_run import RandomRun

WAVES, LOGINS = 10, 20


def main() -> None:
    """Run both ways; a difference from the brute force ends it with an assertion."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--alerts", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quotes", type=int, default=150_000)
    asked = parser.parse_args()
    with bench_servers():
        quotes = read_ticks(asked)
        for way in ("one late worker", "three killed workers"):
            began = time.perf_counter()
            print(f"{way}: {run_trial(asked, quotes, way)}", end=", ", flush=True)  # noqa: T201
            print(f"{time.perf_counter() - began:.0f} s", flush=True)  # noqa: T201


def read_ticks(asked: Namespace) -> "list[RawTick]":
    """Return the tradable quotes in the order of their times, after the feed's filter."""
    from market.feed.adapters import tick_files
    from market.feed.intake import Intake
    from tests import factories

    merged = list(islice(merge(*map(tick_files.read_ticks, asked.files)), asked.quotes))
    intake = Intake([factories.symbol(name) for name in sorted({tick[1] for tick in merged})])
    for time_ms, symbol, bid, ask in merged:
        intake.accept(symbol, bid, ask, time_ms, time_ms)
    return [tick for part in intake.take_collected().batches for tick in part.ticks]


def run_trial(asked: Namespace, quotes: "list[RawTick]", way: str) -> str:
    """Run once on empty servers; return the figures."""
    from django.conf import settings
    from django.core.management import call_command

    from core import redis
    from market import catalog
    from tests import factories
    from tests.alerts.evaluation import random_alerts
    from tests.alerts.evaluation.killed_workers import killed_workers
    from tests.alerts.evaluation.random_run import RandomRun

    call_command("flush", interactive=False, verbosity=0)
    redis.sync_client().flushall()
    catalog.clear_catalog()
    settings.ALERT_LIMIT, settings.ALERT_FIRINGS_HOUR = asked.alerts, 0
    for name in sorted({quote[0] for quote in quotes}):
        factories.symbol(name)
    group = factories.group("trial")
    logins = [factories.client(300_001 + n, group, "0").login for n in range(LOGINS)]
    played = RandomRun(Random(asked.seed), logins)
    killed = way.startswith("three")
    with tempfile.TemporaryDirectory() as folder:
        working: AbstractContextManager[None] = (
            killed_workers(Path(folder)) if killed else nullcontext()
        )
        with working:
            for wave in split_quotes(quotes, len(quotes) // WAVES + 1):
                played.publish_wave(wave, asked.alerts // WAVES, evaluating=not killed)
    played.finish()
    fired = random_alerts.verify_log(played.alerts, played.ticks)
    return f"{len(quotes):,} quotes, {figures(played)}, {fired:,} firings, all as by brute force"


def split_quotes(quotes: "list[RawTick]", size: int) -> "Iterator[list[RawTick]]":
    """Yield the quotes in portions."""
    for begin in range(0, len(quotes), size):
        yield quotes[begin : begin + size]


def figures(played: "RandomRun") -> str:
    """How many alerts there were, and how they ended."""
    from alerts.enums import AlertStatus
    from alerts.models import Alert

    ends = Counter(
        AlertStatus(status).label for status in Alert.objects.values_list("status", flat=True)
    )
    parts = ", ".join(f"{count:,} {label}" for label, count in sorted(ends.items()))
    return f"{len(played.alerts):,} alerts ({parts})"


if __name__ == "__main__":
    main()
