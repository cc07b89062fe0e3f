"""`make bench` and `make bench-aims`: every bench in a process of its own, then the aims' table.

A bench that fails ends the others no more than it spoils their figures; its aims are not measured.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.tools.bench import aims
from tests.tools.bench.rig import ROOT

# Those that the aims are about come first; the words behind a name are its arguments.
OF_AIMS = ("rest", "crowd", "crowd_shards", "replay latency", "at_rest")
OTHERS = ("engine", "alerts", "stream", "backoffice", "memory", "replay")


def main(kind: str, server: str = "") -> int:
    """Run the benches of the kind, `all` or `aims`; return the number of those that failed."""
    benches = OF_AIMS if kind == "aims" else OF_AIMS + OTHERS
    failed, whole = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        figures = Path(folder) / "figures"
        figures.touch()
        environment = os.environ | {aims.VARIABLE: str(figures)}
        for bench in benches:
            name, *words = bench.split()
            words += [server] if server and name == "rest" else []
            say(f"\n== {bench}")
            began = time.monotonic()
            command = [sys.executable, "-m", f"tests.tools.bench.{name}", *words]
            if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
                failed.append(bench)
            say(f"-- {time.monotonic() - began:.0f} s")
        say(f"\n== aims, {time.monotonic() - whole:.0f} s in all")
        say("\n".join(aims.table_lines(aims.read_figures(figures))))
    for bench in failed:
        say(f"error: {bench} has failed")
    return len(failed)


def say(text: str) -> None:
    """Print at once: a bench writes to the same output."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
