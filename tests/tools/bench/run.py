"""`make bench` and `make bench-aims`: every bench in a process of its own, then the aims' table.

A bench that fails ends the others no more than it spoils their figures; its aims are not measured.
All of them together have BENCH_MINUTES: what is running then is interrupted, what is left is not
begun.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.tools.bench import aims
from tests.tools.bench.rig import ROOT

# Those that the aims are about come first; the words behind a name are its arguments.
OF_AIMS = ("rest", "crowd", "crowd_shards", "replay latency", "at_rest")
OTHERS = ("engine", "replay rates", "stream", "alerts", "memory", "backoffice")
MINUTES = float(os.environ.get("BENCH_MINUTES", "12"))
END_WITHIN = 30.0  # seconds that a bench has to stop its servers


def main(kind: str, server: str = "") -> int:
    """Run the benches of the kind, `all` or `aims`; return the number of those that failed."""
    benches = OF_AIMS if kind == "aims" else OF_AIMS + OTHERS
    failed, began = [], time.monotonic()
    # A shell has what it runs in the background ignore SIGINT, and so would the benches.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        figures = Path(folder) / "figures"
        figures.touch()
        environment = os.environ | {aims.VARIABLE: str(figures)}
        for bench in benches:
            words = [*bench.split(), *([server] if server and bench == "rest" else [])]
            say(f"\n== {bench}")
            if not run_bench(words, environment, began + MINUTES * 60):
                failed.append(bench)
            say(f"-- after {time.monotonic() - began:.0f} s")
        say("\n== aims")
        say("\n".join(aims.table_lines(aims.read_figures(figures))))
    for bench in failed:
        say(
            f"error: {bench} has failed, or the time was over; by itself: tests.tools.bench.{bench}"
        )
    return len(failed)


def run_bench(words: list[str], environment: dict[str, str], deadline: float) -> bool:
    """Run a bench, at most until the deadline; return whether it has come to its end."""
    left = deadline - time.monotonic()
    if left <= 0:
        return False
    name, *arguments = words
    command = [sys.executable, "-m", f"tests.tools.bench.{name}", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return process.wait(left) == 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # so that it stops its servers
        try:
            process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
        return False


def say(text: str) -> None:
    """Print at once: a bench writes to the same output."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
