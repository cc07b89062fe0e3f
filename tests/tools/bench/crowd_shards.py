"""`make bench`, shards: the stops of a crowd by one engine process, and by two on two shards.

Two engines and PostgreSQL share the cores of this machine, so what a second one adds depends on how
many there are.
"""

import os
import statistics
import time
from typing import TYPE_CHECKING

from tests.tools.bench import aims
from tests.tools.bench.crowd import CROWD
from tests.tools.bench.engine import table_line
from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from accounts.models import Group

WITHIN = 180.0  # seconds
ROUNDS = (1, 2, 2, 1)  # engines: what the first one pays for cold caches is not two engines' gain
EACH = CROWD // 2  # accounts of a round


def main() -> None:
    """Measure on private servers."""
    with bench_servers():
        from tests.tools.bench import crowd_rows

        group = crowd_rows.write_symbols()
        names = iter(crowd_rows.SYMBOLS)
        rates: dict[int, list[float]] = {1: [], 2: []}
        for shards in ROUNDS:
            rates[shards].append(measure_shards(group, shards, next(names)))
    one, two = (statistics.mean(rates[shards]) for shards in (1, 2))
    cores = len(os.sched_getaffinity(0))
    aims.record("one engine", one)
    aims.record("two engines", two)
    aims.record("scaling", two / one)
    table_line(f"{EACH:,} stops, one engine", f"{one:,.0f} closes/s")
    table_line("  two, on two shards", f"{two:,.0f} closes/s, {two / one:.2f} x on {cores} cores")


def measure_shards(group: "Group", shards: int, symbol: str) -> float:
    """Return the closes a second that so many engines commit after a tick."""
    from django.db import connection

    from tests import factories
    from tests.tools.bench import crowd_rows
    from tests.tools.bench.crowd_engines import closed_count, running_engines

    crowd_rows.write_stops(group, symbol, EACH)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    crowd_rows.publish_start()
    with running_engines(shards):
        fallen = crowd_rows.FALLEN
        factories.publish((symbol, fallen, fallen + crowd_rows.SPREAD))
        began = time.monotonic()
        while closed_count(symbol) < EACH:
            if time.monotonic() > began + WITHIN:
                raise SystemExit(f"error: {shards} engines close only {closed_count(symbol)}")
            time.sleep(0.02)
        return EACH / (time.monotonic() - began)


if __name__ == "__main__":
    main()
