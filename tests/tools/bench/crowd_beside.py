"""What a client waits for its own open while an engine closes the positions of a crowd."""

import http.client
import json
import statistics
import time
from typing import TYPE_CHECKING

from tests.tools.bench import aims, rig
from tests.tools.bench.crowd_engines import closed_count, running_engines
from tests.tools.bench.engine import table_line

if TYPE_CHECKING:
    from accounts.models import Group

WITHIN = 90.0  # seconds
BUY = json.dumps({"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0})


def measure(group: "Group", crowd: int) -> None:
    """Print the client's p99 before and during the crowd's closes."""
    from core.session_tokens import SessionToken
    from tests import factories
    from tests.tools.bench import crowd_rows

    crowd_rows.write_stops(group, crowd_rows.BESIDE, crowd)
    crowd_rows.publish_start()
    client = factories.client(crowd_rows.FIRST - 1, group, "1000000000")
    token = str(SessionToken.issue(client.login, 0, 1))
    with rig.serve("granian", "ours") as port, running_engines(1):
        alone = [open_trade(port, token) for _ in range(100)]
        fallen = crowd_rows.FALLEN
        factories.publish((crowd_rows.BESIDE, fallen, fallen + crowd_rows.SPREAD))
        beside = []
        began = time.monotonic()
        while closed_count(crowd_rows.BESIDE) < crowd and time.monotonic() < began + WITHIN:
            beside += [open_trade(port, token) for _ in range(20)]
        rate = closed_count(crowd_rows.BESIDE) / (time.monotonic() - began)
    bound = f"p99 {aims.AIMS['beside p99'].text}"
    aims.record("beside p99", statistics.quantiles(beside, n=100)[98] * 1e3)
    table_line("a client's open, nothing else", percentiles(alone))
    table_line(f"  while {rate:,.0f} positions/s close", percentiles(beside), bound)


def percentiles(seconds: list[float]) -> str:
    steps = statistics.quantiles(seconds, n=100)
    return f"p50 {steps[49] * 1e3:.0f} ms, p99 {steps[98] * 1e3:.0f} ms"


def open_trade(port: int, token: str) -> float:
    """Open a position; return the seconds until the answer."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/trade/open", BUY, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"error: the client's open: {answer.status} {body[:200]!r}")
    return time.perf_counter() - began
