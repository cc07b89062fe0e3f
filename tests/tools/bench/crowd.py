"""`make bench`, crowds: orders by the thousand that one tick reaches, beside bare SQL.

`BENCH_CROWD` is the number of orders of a case, BENCH_ROLLOVER that of the rollover's positions.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.tools.bench import aims
from tests.tools.bench.engine import table_line
from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from accounts.models import Group
    from trading.engine.engine import Engine

CROWD = int(os.environ.get("BENCH_CROWD", "10000"))
POSITIONS = int(os.environ.get("BENCH_ROLLOVER", "50000"))
EACH = 5  # positions of an account that is stopped out, or charged
BURST = 200
FULL_NIGHT = 100_000  # positions that the rollover's aim is about


def main() -> None:
    """Measure on private servers."""
    with bench_servers():
        from tests.tools.bench import crowd_beside, crowd_rows

        group = crowd_rows.write_symbols()
        measure_rollover(group)
        measure_crowds(group)
        measure_burst(group)
        crowd_beside.measure(group, CROWD)


def measure_crowds(group: "Group") -> None:
    """Measure what one tick reaches, each case on a symbol of its own."""
    from tests.tools.bench import crowd_rows

    crowd_rows.write_stops(group, crowd_rows.STOPS, CROWD)
    crowd_rows.write_stop_outs(group, CROWD // EACH, EACH)
    crowd_rows.write_pendings(group, CROWD)
    crowd_rows.write_one_account(group, CROWD // 2)
    engine = loaded_engine()
    measure_case(engine, "stops of as many accounts", crowd_rows.STOPS, CROWD, "stops")
    count = CROWD // EACH * EACH
    measure_case(engine, f"stop-outs of {EACH} each", crowd_rows.STOP_OUTS, count, "stop-outs")
    measure_case(engine, "pendings activated", crowd_rows.PENDINGS, CROWD, "pendings")
    measure_case(engine, "stops of one account", crowd_rows.ONE_ACCOUNT, CROWD // 2, "one account")


def loaded_engine() -> "Engine":
    """Return an engine that has loaded all rows and knows the price of every symbol.

    The process collects garbage as an engine's does.
    """
    from django.db import connection

    from tests.tools.bench import crowd_rows
    from trading.engine.engine import Engine
    from trading.management.commands.run_engine import collect_garbage_rarely

    collect_garbage_rarely()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    crowd_rows.publish_start()
    engine = Engine()
    engine.load()
    engine.batch = engine.horizon
    engine.step()
    return engine


def fall(engine: "Engine", symbol: str) -> float:
    """Let the symbol fall; return the seconds of the engine."""
    from tests import factories
    from tests.tools.bench.crowd_rows import FALLEN, SPREAD

    batch = factories.publish((symbol, FALLEN, FALLEN + SPREAD))
    began = time.perf_counter()
    engine.process_batch(batch)
    return time.perf_counter() - began


def measure_case(engine: "Engine", name: str, symbol: str, count: int, aim: str) -> None:
    """Print fills a second of a tick, and what share that is of bare SQL."""
    from tests.tools.bench.crowd_floor import CrowdFloor
    from trading.models import Fill

    floor, before = CrowdFloor(), Fill.objects.count()
    seconds = fall(engine, symbol)
    found = Fill.objects.count() - before
    if found != count:
        raise SystemExit(f"error: {name}: {found} of {count} fills")
    bare = floor.seconds()
    if Fill.objects.count() - before != count:
        raise SystemExit(f"error: {name}: the floor has written other rows")
    aims.record(aim, count / seconds)
    share = aims.AIMS.get(f"{aim}/sql")
    if share is not None:
        aims.record(f"{aim}/sql", bare / seconds)
    table_line(f"{count:,} {name}", f"{count / seconds:,.0f} fills/s", aims.AIMS[aim].text)
    figure = f"{count / bare:,.0f}/s, ours {bare / seconds:.1%}"
    table_line("  bare SQL", figure, share.text if share else "")


def measure_burst(group: "Group") -> None:
    """Print how long after a tick each of 200 clients hears of the close."""
    from tests.tools.bench import crowd_rows
    from tests.tools.bench.crowd_events import heard_events

    logins = crowd_rows.write_stops(group, crowd_rows.BURST, BURST)
    engine = loaded_engine()
    with heard_events(logins) as events:
        began = time.monotonic()
        fall(engine, crowd_rows.BURST)
        waits = [moment - began for moment in events().values()]
    steps = statistics.quantiles(waits, n=100)
    figure = f"p50 {steps[49] * 1e3:.0f} ms, p99 {steps[98] * 1e3:.0f} ms"
    aims.record("burst p99", steps[98] * 1e3)
    table_line(f"a burst of {BURST} closes", figure, f"p99 {aims.AIMS['burst p99'].text}")


def measure_rollover(group: "Group") -> None:
    """Print the seconds of a night."""
    from core.clock import now
    from market.quotes.quote import LatestQuotes
    from tests.tools.bench import crowd_rows
    from trading.models import Rollover, SwapCharge
    from trading.rollover import nights
    from trading.rollover.run import run_rollover

    night = nights.last_night(now() - 7200)
    moment = nights.end_of_night(night)
    before = nights.last_night(moment - 1)
    Rollover.objects.create(night=before, moment=nights.end_of_night(before), finished=1)
    logins = crowd_rows.write_accounts(group, POSITIONS // EACH)
    crowd_rows.write_trades(
        crowd_rows.position(login, crowd_rows.SWAPS, open_time=moment - 3600)
        for login in logins
        for _ in range(EACH)
    )
    seconds = seconds_of(lambda: run_rollover(at=moment + 7200, quotes=LatestQuotes()))
    charged = SwapCharge.objects.count()
    if charged != POSITIONS // EACH * EACH:
        raise SystemExit(f"error: the rollover charged {charged} of {POSITIONS} positions")
    whole = seconds * FULL_NIGHT / charged
    figure = f"{seconds:.1f} s: {charged / seconds:,.0f}/s, {whole:.0f} s for {FULL_NIGHT:,}"
    aims.record("rollover", whole)
    bound = f"{aims.AIMS['rollover'].text} for {FULL_NIGHT:,}"
    table_line(f"rollover of {charged:,} positions", figure, bound)


def seconds_of(call: Callable[[], object]) -> float:
    """Return the seconds of a call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
