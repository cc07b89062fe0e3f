"""`make bench`, the engine's book: a risk pass beside bare numpy and one SQL statement."""

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.bench.servers import servers

if TYPE_CHECKING:
    from tests.bench.book import Bench

TRADES, SYMBOLS = 200_000, 100
ROUNDS = 9
WIDER = 10  # times the trades on the symbols that do not move


def main() -> None:
    """Seed private servers, then measure."""
    with servers():
        measure()


def measure() -> None:
    """Print every figure with the bound that it is held against."""
    from tests.bench.book import ACCOUNTS, Bench, seed

    seed(TRADES, ACCOUNTS, SYMBOLS)
    began = time.perf_counter()
    bench = Bench.loaded()
    said("loading 200,000 trades", f"{time.perf_counter() - began:.1f} s")
    passes(bench)
    memory = (bench.engine.book.nbytes + bench.engine.margin.book.nbytes) / TRADES
    said("the book's memory", f"{memory:.0f} bytes a trade", "<= 300")
    quiet(bench)


def passes(bench: "Bench") -> None:
    """Measure scans of the whole book in turns with the bare arithmetic."""
    ours, bare = alternating(bench.risk_pass, bench.bare_numpy())
    sql = once(bench.sql_sweep)
    said("risk pass", f"{ours * 1e3:.2f} ms")
    said("  bare numpy", f"{bare * 1e3:.2f} ms, ours {ours / bare:.2f} x", "<= 3")
    said("  one SQL statement", f"{sql * 1e3:.0f} ms, ours {sql / ours:.0f} x faster", ">= 50")
    said("the overview for staff", f"{once(bench.overview) * 1e3:.2f} ms", "<= 50, every 2 s")


def quiet(bench: "Bench") -> None:
    """Measure a batch without triggers, with a tenth of the other trades and with all.

    Both books are in memory while they are measured in turns.
    """
    narrow, wide = bench.narrowed(WIDER), bench
    first, second = alternating(narrow.quiet_batch, wide.quiet_batch, repeat=200)
    said("a batch of 5 symbols, nothing hit", f"{first * 1e6:.0f} us")
    said(f"  {WIDER} x the trades elsewhere", f"{second / first:.2f} x", "<= 1.3")


def alternating(
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


def once(call: Callable[[], Any]) -> float:
    """Return the seconds of the best of three calls."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def said(what: str, figure: str, bound: str = "") -> None:
    """Return one line of the table."""
    print(f"{what:40} {figure:28} {bound}".rstrip(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
