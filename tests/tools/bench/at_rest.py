"""`make bench`, at rest: the CPU of `make run` with the demo's feed, while nobody is connected."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.tools.bench import aims
from tests.tools.bench.rig import ROOT, free_port

SECONDS = int(os.environ.get("BENCH_REST_SECONDS", "40"))
READY_WITHIN, SETTLE, END_WITHIN = 180.0, 20.0, 60.0  # seconds
SERVERS = ("DATABASE_URL", "REDIS_URL")  # of the environment: the platform is to run its own


def main() -> None:
    """Run the platform in a folder of its own; print each process's share of a core."""
    folder = Path(tempfile.mkdtemp(prefix="rest-"))
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    environment |= {"LOCAL_DIR": str(folder / "local"), "PORT": str(free_port())}
    log = folder / "log"
    with log.open("w") as out:
        command = [sys.executable, str(ROOT / "manage.py"), "up"]
        root = psutil.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            await_ready(root, log)
            time.sleep(SETTLE)
            print_shares(measure_shares(root))
        finally:
            root.terminate()
            try:
                root.wait(END_WITHIN)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def await_ready(root: psutil.Popen, log: Path) -> None:
    """Wait until everything runs."""
    deadline = time.monotonic() + READY_WITHIN
    while "ready: http" not in log.read_text():
        if root.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"error: the platform does not start: {log.read_text()[-2000:]}")
        time.sleep(0.2)


def measure_shares(root: psutil.Popen) -> dict[str, float]:
    """Return what each kind of process uses of a core for SECONDS, in percent."""
    before, began = cpu_seconds(root), time.monotonic()
    time.sleep(SECONDS)
    after, wall = cpu_seconds(root), time.monotonic() - began
    shares: dict[str, float] = {}
    for process, (name, seconds) in after.items():
        spent = seconds - before.get(process, (name, 0.0))[1]
        shares[name] = shares.get(name, 0.0) + spent / wall * 100
    return shares


def cpu_seconds(root: psutil.Popen) -> dict[psutil.Process, tuple[str, float]]:
    """Return the kind and the CPU time of every process of the platform."""
    found = {}
    for process in (psutil.Process(root.pid), *root.children(recursive=True)):
        try:
            times = process.cpu_times()
            found[process] = (kind_of(process.cmdline()), times.user + times.system)
        except psutil.Error:  # it has just ended
            continue
    return found


def kind_of(command: list[str]) -> str:
    """Return which process of the platform a command line is."""
    words = " ".join(command)
    kinds = ("postgres", "redis", "celery", "daphne", "run_feed", "run_engine", "up")
    return next((kind for kind in kinds if kind in words), Path((command or ["?"])[0]).name)


def print_shares(shares: dict[str, float]) -> None:
    """Print the table."""
    for name, share in sorted(shares.items(), key=lambda each: -each[1]):
        print(f"  {name:38} {share:.2f} % of a core", flush=True)  # noqa: T201
    total = sum(shares.values())
    aims.record("at rest", total)
    figure, bound = f"{total:.1f} % of a core", aims.AIMS["at rest"].text
    print(f"{'at rest, all processes':40} {figure:28} {bound}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
