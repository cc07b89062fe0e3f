"""`make bench`, the price alerts: windows over a million of them, hits, and the time to a row."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from tests.tools.bench.engine import table_line
from tests.tools.bench.servers import bench_servers

FEW, MANY, HITS = 100_000, 1_000_000, 10_000
ROUNDS, SECONDS = 400, 5


def main() -> None:
    """Measure on private servers."""
    with bench_servers():
        measure()


def measure() -> None:
    """Print every figure with the bound that it is held against."""
    from tests.tools.bench import alert_rows

    alert_rows.write_rows()
    alert_rows.write_alerts(0, FEW)
    few = measure_window_without_hits(FEW)
    began = time.perf_counter()
    alert_rows.write_alerts(FEW, MANY)
    table_line("seeding 900,000 alerts", f"{time.perf_counter() - began:.0f} s")
    many = measure_window_without_hits(MANY)
    table_line("  ten times the alerts", f"{many / few:.2f} x", "<= 1.3")
    measure_sustained()
    measure_hits()
    measure_latency()


def measure_window_without_hits(alerts: int) -> float:
    """Measure a window without hits over all symbols; return its seconds.

    All of it on one connection: the checkpoint's lock, the comparison with the wake levels, and
    the read of the unevaluated alerts.
    """
    from django.db import connection, transaction

    from alerts.evaluation import queries
    from alerts.evaluation.wake_levels import WakeLevels

    ranges = publish_price_ranges()

    def evaluate_window() -> None:
        checkpoint = queries.lock_checkpoint()
        assert checkpoint is not None
        assert not WakeLevels(checkpoint.quiet).crossed(ranges)

    with transaction.atomic(), connection.cursor() as cursor:
        one = typical_seconds(lambda: cursor.execute("SELECT 1").fetchall())
        window = typical_seconds(evaluate_window)
        unevaluated = typical_seconds(queries.load_unevaluated_alerts)
        nearest = typical_seconds(lambda: queries.load_nearest_levels(ranges), 40)
    table_line(f"window without hits, {alerts:,} alerts", f"{window * 1e6:.0f} us")
    table_line("  beside SELECT 1", f"{one * 1e6:.0f} us, ours {window / one:.1f} x", "<= 10")
    table_line("  reading the unevaluated ones", f"{unevaluated * 1e6:.0f} us")
    table_line("  reading the levels of all 200 sides", f"{nearest * 1e3:.2f} ms")
    return window


def publish_price_ranges() -> list[Any]:
    """Publish a quote of every symbol; return the price ranges of a window without hits."""
    from alerts.evaluation import evaluate
    from alerts.evaluation.window import QuoteWindow
    from alerts.models import AlertCheckpoint
    from market.quotes import tick_log
    from tests.tools.bench import alert_rows

    alert_rows.publish_all(alert_rows.PRICE)
    evaluate.evaluate_new_batches()
    batch = AlertCheckpoint.objects.get().batch
    alert_rows.publish_all(alert_rows.PRICE)
    window = QuoteWindow(tick_log.read_batches_after(batch))
    ranges = list(window.price_ranges(tick_log.last_seq_no(batch)))
    assert len(ranges) == 2 * alert_rows.SYMBOLS
    return ranges


def typical_seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return a call's seconds: the least median of ten series."""
    series = []
    for _ in range(10):
        times = []
        for _ in range(rounds // 10):
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
        series.append(statistics.median(times))
    return min(series)


def measure_sustained() -> None:
    """Measure windows of all symbols one after the other, as the worker's task runs them."""
    from alerts.evaluation import evaluate
    from tests.tools.bench import alert_rows

    spent, windows = 0.0, 0
    while spent < SECONDS:
        alert_rows.publish_all(alert_rows.PRICE)
        began = time.perf_counter()
        evaluate.evaluate_new_batches()
        spent += time.perf_counter() - began
        windows += 1
    table_line("one worker, windows without hits", f"{windows / spent:.0f} windows/s")


def measure_hits() -> None:
    """Measure a window that fires 10,000 alerts of 2,000 accounts: rows, events, messages."""
    from alerts.evaluation import evaluate
    from alerts.models import AlertLog
    from tests.tools.bench import alert_rows

    alert_rows.write_hits(HITS)
    alert_rows.publish_all(alert_rows.PRICE)
    evaluate.evaluate_new_batches()
    alert_rows.publish_all(alert_rows.HIT)
    began = time.perf_counter()
    evaluate.evaluate_new_batches()
    spent = time.perf_counter() - began
    assert AlertLog.objects.count() == HITS
    table_line("10,000 hits in one window", f"{spent / HITS * 1e3:.3f} ms a hit")


def measure_latency() -> None:
    """Measure one hit from the published quote to the committed row and the stream processes."""
    from alerts.evaluation import evaluate
    from alerts.models import AlertLog
    from core import redis
    from tests.tools.bench import alert_rows

    alert = alert_rows.write_repeating()
    client: Any = redis.sync_client()
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"account:{alert.account_id}")
    listener.get_message(timeout=1)
    rows, frames = [], []
    count = AlertLog.objects.count()
    for number in range(200):
        alert_rows.publish_all(alert_rows.PRICE if number % 2 else alert_rows.HIT)
        began = time.perf_counter()
        evaluate.evaluate_new_batches()
        rows.append(time.perf_counter() - began)
        assert listener.get_message(timeout=5) is not None
        frames.append(time.perf_counter() - began)
    assert AlertLog.objects.count() == count + 200
    for what, times in (("tick to log row", rows), ("tick to the stream's Redis", frames)):
        p50, p99 = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
        table_line(what, f"p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
