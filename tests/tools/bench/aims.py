"""What the benches' figures are held against, and the table of all of them.

A bench calls `record` with the name of an aim. Each one is a process of its own: what it has
measured goes into the file that BENCH_FIGURES names, if any does.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

VARIABLE = "BENCH_FIGURES"
AT_LEAST, AT_MOST = ">=", "<="


class Aim(NamedTuple):
    """What a figure is to be: `unit` stands behind it, and none is expected without a `bound`."""

    what: str
    bound: str = ""
    limit: float = 0.0
    unit: str = ""

    def is_reached(self, figure: float) -> bool:
        """Return whether the figure is on the right side of the limit."""
        return figure >= self.limit if self.bound == AT_LEAST else figure <= self.limit

    def text_of(self, figure: float) -> str:
        """Return the figure in the aim's unit, to a tenth where that is much of it."""
        value = figure * 100 if self.unit == "%" else figure
        return f"{value:,.1f} {self.unit}" if value < 20 else f"{value:,.0f} {self.unit}"

    @property
    def text(self) -> str:
        """Return the aim as a table shows it."""
        if not self.bound:
            return ""
        limit = self.limit * 100 if self.unit == "%" else self.limit
        return f"{self.bound} {limit:,.0f} {self.unit}"


RATE, SHARE, TIMES, MS = "/s", "%", "x", "ms"
AIMS = {
    "stops": Aim("stops of as many accounts by one tick", AT_LEAST, 2000, RATE),
    "stops/sql": Aim("  beside bare SQL", AT_LEAST, 0.45, SHARE),
    "stop-outs": Aim("stop-outs of 5 positions each, fills", AT_LEAST, 1000, RATE),
    "pendings": Aim("pendings activated", AT_LEAST, 1000, RATE),
    "one account": Aim("stops of one account", AT_LEAST, 1000, RATE),
    "burst p99": Aim("a burst of 200 closes, p99", AT_MOST, 500, MS),
    "receipt p50": Aim("receipt to committed close at 1,000 ticks/s, p50", AT_MOST, 15, MS),
    "receipt p99": Aim("  p99", AT_MOST, 50, MS),
    "writes": Aim("POST open + DELETE close beside the floor", AT_LEAST, 0.55, SHARE),
    "keyed writes": Aim("  with idempotency keys", AT_LEAST, 0.45, SHARE),
    "trades": Aim("GET /trades (50) beside the floor", AT_LEAST, 0.40, SHARE),
    "trades/peer": Aim("  beside stock DRF", AT_LEAST, 8, TIMES),
    "trades after": Aim("  after a write of the account", AT_LEAST, 0.25, SHARE),
    "me": Aim("GET /account/me beside the floor", AT_LEAST, 0.40, SHARE),
    "me/peer": Aim("  beside stock DRF", AT_LEAST, 8, TIMES),
    "me after": Aim("  after a write of the account", AT_LEAST, 0.25, SHARE),
    "short": Aim("GET /market/short/list beside the floor", AT_LEAST, 1, SHARE),
    "short/peer": Aim("  beside stock DRF", AT_LEAST, 20, TIMES),
    "rollover": Aim("rollover of 100,000 positions", AT_MOST, 30, "s"),
    "beside p99": Aim("a client's open while the crowd closes, p99", AT_MOST, 250, MS),
    "at rest": Aim("CPU of `make run` at rest", AT_MOST, 10, "% of a core"),
    "one engine": Aim("an engine of its own, stops by one tick", unit=RATE),
    "two engines": Aim("  two, on two shards", unit=RATE),
    "scaling": Aim("  two beside one", unit=TIMES),
}  # fmt: skip


def record(name: str, figure: float) -> None:
    """Keep what was measured of the aim of this name; shares are fractions of 1."""
    if name not in AIMS:
        raise KeyError(name)
    line = json.dumps([name, figure])
    if path := os.environ.get(VARIABLE):
        with Path(path).open("a") as file:
            file.write(f"{line}\n")


def read_figures(path: Path) -> dict[str, float]:
    """Return what was recorded in the file, by the aim's name."""
    return dict(json.loads(line) for line in path.read_text().splitlines())


def table_lines(figures: dict[str, float]) -> list[str]:
    """Return the table: of each aim the figure, what it is to be, and whether it is so."""
    lines = [f"{'':50} {'figure':>16}  {'aim':>16}"]
    reached = expected = 0
    for name, aim in AIMS.items():
        figure = figures.get(name)
        verdict = ""
        if figure is None:
            verdict = "not measured"
        elif aim.bound:
            verdict = "reached" if aim.is_reached(figure) else "NOT reached"
        expected += bool(aim.bound)
        reached += verdict == "reached"
        text = "-" if figure is None else aim.text_of(figure)
        lines.append(f"{aim.what:50} {text:>16}  {aim.text:>16}  {verdict}".rstrip())
    return [*lines, f"{reached} of {expected} aims are reached"]
