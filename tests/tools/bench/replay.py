"""`make bench`, ticks: intake, minute bars, and the engine with triggers, from file to close.

`TICKS=<folder>` names a folder of real ticks (`market.feed.adapters.tick_files`); without
one the ticks are those of the brute force's generated path, and no bars are compared.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from heapq import merge
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.tools.bench import aims
from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from tests.trading.engine.brute_force.trigger_oracle import RawQuote, SymbolTerms

GENERATED, SUSTAINED, LIVE = 200_000, 100_000, 20_000  # quotes
RATE = 1000  # quotes a second
ORDERS, FEW = 1000, 300
BARS = "oanda-*-minute-bars.zip"


def main(folder: str, part: str) -> None:
    """Measure on private servers; `folder` is empty where there are no real ticks.

    The part is `latency`, which aims are about, or `rates`; without one both are measured.
    """
    with bench_servers(), tempfile.TemporaryDirectory() as place:
        files = real_files(Path(folder)) if folder else [generate_file(Path(place) / "ticks.csv")]
        if part != "latency":
            create_rows(files)
            measure_intake(files)
            if folder:
                measure_bars(Path(folder))
            measure_sustained(files)
        if part != "rates":
            measure_latency(files, Path(place) / "live.csv")


def real_files(folder: Path) -> list[Path]:
    """Return one broker's files: two would contradict each other about a symbol."""
    found = [path for path in sorted(folder.glob("oanda-*.zip")) if not path.match(BARS)]
    if not found:
        raise SystemExit(f"error: {folder}: no files oanda-<symbol>-<yyyymmdd>.zip")
    return found


def generate_file(path: Path) -> Path:
    """Write the brute force's random feed as a file."""
    from tests.trading.engine.brute_force import generated_feed

    write_ticks(path, generated_feed.random_feed(Random(7), GENERATED))
    return path


def write_ticks(path: Path, raws: "list[RawQuote]") -> None:
    with path.open("w") as file:
        file.writelines(f"{raw.time},{raw.symbol},{raw.bid!r},{raw.ask!r}\n" for raw in raws)


def symbol_terms(files: list[Path]) -> "dict[str, SymbolTerms]":
    from tests.trading.engine.brute_force import generated_feed, real_symbols

    return real_symbols.TERMS if files[0].suffix == ".zip" else generated_feed.TERMS


def create_rows(files: list[Path]) -> None:
    """Create symbols and rich accounts."""
    from tests.trading.engine.brute_force import plan_player

    plan_player.create_accounts(symbol_terms(files), ORDERS)


def first_ticks(files: list[Path], count: int) -> "list[RawQuote]":
    """Return the first quotes of the files, merged in time."""
    from market.feed.adapters.tick_files import read_ticks
    from tests.trading.engine.brute_force.trigger_oracle import RawQuote

    return [
        RawQuote(*found[1:], found[0]) for found in islice(merge(*map(read_ticks, files)), count)
    ]


def measure_intake(files: list[Path]) -> None:
    """Measure the feed: parse, filter, candles, publish, and store once a second."""
    from core.leader import Leadership
    from market.feed.adapters.replay import ReplayAdapter
    from market.feed.runner import Feed

    leadership, stop = Leadership("feed"), threading.Event()
    assert leadership.acquire(stop)
    feed = Feed(ReplayAdapter([str(path) for path in files], 0), leadership, stop)
    wall, cpu = time.perf_counter(), time.process_time()
    feed.run(stay=False)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    leadership.close()
    count = feed.accepted + sum(feed.refused.values())
    table_line(
        "intake, file to path and candles", f"{count / cpu:,.0f} ticks/s a core", ">= 50,000"
    )
    table_line(
        f"  {count:,} ticks, {feed.accepted:,} accepted",
        f"{count / wall:,.0f} ticks/s by the clock",
    )


def measure_bars(folder: Path) -> None:
    """Compare the stored minutes with the oracle's."""
    from market.enums import Resolution
    from market.models import Candle

    for path in sorted(folder.glob(BARS)):
        _, symbol, day, *_ = path.name.split("-")
        midnight = int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp())
        wanted = dict(oracle_bars(path, midnight))
        rows = Candle.objects.filter(
            symbol=symbol.upper(), resolution=Resolution.MINUTE,
            time__gte=midnight, time__lt=midnight + 86_400,
        )  # fmt: skip
        got = {row.time: (row.open, row.high, row.low, row.close) for row in rows}
        differ = sum(got.get(at) != wanted.get(at) for at in got.keys() | wanted.keys())
        table_line(f"minute bars {symbol} {day}", f"{len(wanted)} bars, {differ} differ", "0")


def oracle_bars(path: Path, midnight: int) -> Iterator[tuple[int, tuple[Decimal, ...]]]:
    """Return begin in unix seconds, and bid open, high, low, close."""
    with zipfile.ZipFile(path) as archive:
        for line in archive.read(archive.namelist()[0]).decode().splitlines():
            begin, *prices = line.split(",")
            yield midnight + int(float(begin)) // 1000, tuple(map(Decimal, prices[:4]))


def measure_sustained(files: list[Path]) -> None:
    """Measure what one engine processes and triggers in a second, behind a ready tick log."""
    from tests.trading.engine.brute_force.plan_player import Tape
    from trading.engine.engine import Engine
    from trading.models import Fill

    raws = first_ticks(files, SUSTAINED)
    tape = Tape(raws)
    place_orders(tape, files, ORDERS)
    engine = Engine()
    engine.load()
    while tape.sent < len(raws):
        tape.publish(tape.sent + 80)  # what comes in one flush at 1,000 ticks/s
    fills = Fill.objects.count()
    began = time.perf_counter()
    while engine.batch < tape.newest:
        engine.step()
    seconds = time.perf_counter() - began
    fills = Fill.objects.count() - fills
    table_line("engine, triggers included", f"{len(raws) / seconds:,.0f} ticks/s")
    table_line(f"  {fills} fills of {ORDERS} orders", f"{fills / seconds:,.0f} fills/s")


def place_orders(tape: Any, files: list[Path], count: int, least: float = 0.0) -> None:
    """Open random orders at the start of the tape, when every symbol has a quote."""
    from tests.trading.engine.brute_force import plan_player, trigger_oracle
    from tests.trading.engine.brute_force.random_plans import Planner

    quotes = trigger_oracle.tradable_quotes(tape.raws, symbol_terms(files))
    begin = max(of[0].number for of in quotes.values()) + 1
    tape.publish(begin)
    desk = plan_player.PlanClients(symbol_terms(files))
    planner = Planner(Random(7), quotes, count)
    planner.least = least
    for op in planner.plan([begin]):
        desk.act(op)


def measure_latency(files: list[Path], path: Path) -> None:
    """Measure real processes at 1,000 ticks/s, from a quote's time and receipt to the commit."""
    from django.core.management import call_command

    from core import redis
    from tests.trading.engine.brute_force.plan_player import Tape
    from trading.book_updates import BOOK_STREAM

    call_command("flush", interactive=False, verbosity=0)
    redis.sync_client().flushall()
    create_rows(files)
    raws = first_ticks(files, LIVE)
    tape = Tape(raws)
    place_orders(tape, files, FEW, least=1.0)  # so that they are not all reached at once
    rest = raws[tape.sent :]
    begin = rest[0].time
    write_ticks(path, [raw._replace(time=begin + at * 1000 // RATE) for at, raw in enumerate(rest)])
    redis.sync_client().delete(BOOK_STREAM)
    with manage_process("run_engine"):
        wait_for_checkpoint()
        with manage_process("run_feed", "replay", str(path), "--speed", "1") as feed:
            feed.wait(LIVE / RATE + 60)
        wait_for_checkpoint()
    report_latency(tape.newest)


@contextmanager
def manage_process(*words: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Run `manage.py` on these servers, ended with the block."""
    command = [sys.executable, "manage.py", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ) as found:
        try:
            yield found
        finally:
            found.terminate()


def wait_for_checkpoint() -> None:
    """Wait until the engine has processed all published quotes."""
    from market.quotes import tick_log
    from tests.runtime.process_helpers import wait_until
    from trading.models import EngineCheckpoint

    wait_until(
        lambda: EngineCheckpoint.objects.filter(batch__gte=tick_log.newest_batch_number()).exists(),
        60,
    )


def report_latency(before: int) -> None:
    """Print the latencies of the closes by quotes after batch `before`.

    The news of a close leaves right after its commit: its id is the moment, in unix ms.
    """
    from core import redis
    from market.quotes import tick_log
    from trading import book_updates
    from trading.models import Fill

    entries: Any = redis.sync_client().xrange(book_updates.BOOK_STREAM)
    closed = {
        row.order: int(name.split("-")[0])
        for name, fields in entries
        for row in book_updates.decode_book_update(fields).orders
        if not row.live
    }
    walked = [tick for batch in tick_log.read_batches_after(before) for tick in batch.ticks]
    started = min(tick.received - tick.time for tick in walked)  # the clock of the recording
    fills = Fill.objects.filter(kind=Fill.Kind.CLOSE, trade__in=closed)
    quotes = [(closed[fill.trade_id], fill.quote) for fill in fills]
    of_time = [commit - quote[2] - started for commit, quote in quotes]
    of_receipt = [commit - quote[3] for commit, quote in quotes]
    table_line(f"at {RATE:,} ticks/s, {len(quotes)} closes", "p50       p99")
    for name, found in (("tick time", of_time), ("receipt", of_receipt)):
        steps = statistics.quantiles(found, n=100)
        table_line(f"  {name} to committed close", f"{steps[49]:.0f} ms    {steps[98]:.0f} ms")
        if name == "receipt":
            aims.record("receipt p50", steps[49])
            aims.record("receipt p99", steps[98])


def table_line(what: str, figure: str, bound: str = "") -> None:
    """Return one line of the table."""
    print(f"{what:40} {figure:28} {bound}".rstrip(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(os.environ.get("TICKS", ""), sys.argv[1] if len(sys.argv) > 1 else "")
