"""`make bench`, the engine's book: a risk pass beside bare numpy and one SQL statement."""

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.tools.bench.servers import bench_servers

if TYPE_CHECKING:
    from tests.tools.bench.engine_book import BookBench

TRADES, SYMBOLS = 200_000, 100
ROUNDS = 9
MARKUPS = 8  # in use at once
WIDER = 10  # times the trades on the symbols that do not move


def main() -> None:
    """Seed private servers, then measure."""
    with bench_servers():
        measure()


def measure() -> None:
    """Print every figure with the bound that it is held against."""
    from tests.tools.bench.engine_book import ACCOUNTS, BookBench, write_rows

    write_rows(TRADES, ACCOUNTS, SYMBOLS)
    began = time.perf_counter()
    bench = BookBench.loaded()
    table_line("loading 200,000 trades", f"{time.perf_counter() - began:.1f} s")
    measure_passes(bench)
    memory = (bench.engine.book.nbytes + bench.engine.margin.book.nbytes) / TRADES
    table_line("the book's memory", f"{memory:.0f} bytes a trade", "<= 300")
    measure_batches_without_triggers(bench)
    measure_markups(bench)


def measure_passes(bench: "BookBench") -> None:
    """Measure scans of the whole book in turns with the bare arithmetic."""
    ours, bare = alternate(bench.risk_pass, bench.bare_numpy())
    sql = best_of_three(bench.sql_sweep)
    table_line("risk pass", f"{ours * 1e3:.2f} ms")
    table_line("  bare numpy", f"{bare * 1e3:.2f} ms, ours {ours / bare:.2f} x", "<= 3")
    table_line(
        "  one SQL statement", f"{sql * 1e3:.0f} ms, ours {sql / ours:.0f} x faster", ">= 50"
    )
    table_line(
        "the overview for staff",
        f"{best_of_three(bench.overview) * 1e3:.2f} ms",
        "<= 50, every 2 s",
    )


def measure_batches_without_triggers(bench: "BookBench") -> None:
    """Measure a batch without triggers, with a tenth of the other trades and with all.

    Both books are in memory while they are measured in turns.
    """
    narrow, wide = bench.narrowed(WIDER), bench
    first, second = alternate(narrow.quiet_batch, wide.quiet_batch, repeat=200)
    table_line("a batch of 5 symbols, nothing hit", f"{first * 1e6:.0f} us")
    table_line(f"  {WIDER} x the trades elsewhere", f"{second / first:.2f} x", "<= 1.3")


def measure_markups(bench: "BookBench") -> None:
    """Measure a batch without triggers where the groups see one price each, or all the same."""
    one, many = bench.marked_up(1), bench.marked_up(MARKUPS)
    first, second = alternate(one.quiet_batch, many.quiet_batch, repeat=200)
    ours = alternate(bench.quiet_batch, one.quiet_batch, repeat=200)
    table_line("  with a mark-up", f"{ours[1] / ours[0]:.2f} x", "<= 1.2")
    table_line(f"  with {MARKUPS} mark-ups instead of one", f"{second / first:.2f} x", "<= 2")


def alternate(
    one: Callable[[], Any], other: Callable[[], Any], repeat: int = 10
) -> tuple[float, float]:
    """Return seconds a call of each, medians over rounds that take turns."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, call in zip(found, (one, other), strict=True):
            began = time.perf_counter()
            for _ in range(repeat):
                call()
            times.append((time.perf_counter() - began) / repeat)
    return statistics.median(found[0]), statistics.median(found[1])


def best_of_three(call: Callable[[], Any]) -> float:
    """Return the seconds of the best of three calls."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def table_line(what: str, figure: str, bound: str = "") -> None:
    """Return one line of the table."""
    print(f"{what:40} {figure:28} {bound}".rstrip(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
