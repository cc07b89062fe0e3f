"""How many statements each route sends to PostgreSQL, pinned in `query_counts.json`.

A change of the counts is written down with `PIN_QUERY_COUNTS=1`.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from core.clock import now
from market import catalog
from tests import factories
from tests.api.sample_rows import SampleIds, create_sample_rows
from tests.api.test_every_route import OPEN, routes
from tests.conftest import Signed, clear_kept_rows

PINS = Path(__file__).with_name("query_counts.json")
PIN = "PIN_QUERY_COUNTS"
TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@dataclass(frozen=True)
class Call:
    """A request; `{names}` in the path and the input stand for what the account has."""

    method: str
    path: str
    takes: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    by_staff: bool = False

    def __str__(self) -> str:
        return f"{self.method} /{self.path}" + (f" ({self.note})" if self.note else "")

    def filled(self, known: SampleIds) -> tuple[str, dict[str, Any]]:
        """Path and input with the real numbers."""
        numbers = vars(known)
        takes = {
            name: numbers[value[1:-1]] if str(value).startswith("{") else value
            for name, value in self.takes.items()
        }
        return "/" + self.path.format(**numbers), takes


BUY = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
LIMIT = {"cmd": 2, "volume": 10, "symbol": "EURUSD", "open_price": 1.05}
PAGE = {"limit": 50, "offset": 0, "tradeType": 0}
ALERT = {"symbol": "EURUSD", "side": 0, "condition": 2, "repeat_mode": 0, "target_price": 2}
READS = [
    Call("GET", "time"),
    Call("GET", "sign/check"),
    Call("GET", "account/me"),
    Call("GET", "account/balance"),
    Call("GET", "account/login", {"login": 100001}),
    *(
        Call("GET", path, {"limit": 50, "offset": 0}, by_staff=True)
        for path in ("accounts", "balances/list", "margin_call")
    ),
    Call("GET", "account/changes", {"since": 0}),
    Call("GET", "notify/list", {"limit": 50, "offset": 0}),
    Call("GET", "market"),
    Call("GET", "market/short/list"),
    Call("GET", "market/symbol", {"symbol": "EURUSD"}),
    Call("GET", "market/history", {"symbol": "EURUSD", "resolution": "60", "countback": 24}),
    Call("GET", "quotes/candles", {"symbol": "EURUSD", "from": 0, "to": 1, "frame": "1H"}),
    Call("GET", "udf/config"),
    Call("GET", "udf/symbols", {"symbol": "EURUSD"}),
    Call("GET", "udf/symbol_info"),
    Call("GET", "udf/search", {"query": "EUR"}),
    Call("GET", "udf/history", {"symbol": "EURUSD", "resolution": "60", "countback": 24}),
    Call("GET", "udf/time"),
    Call("GET", "udf/quotes", {"symbols": "EURUSD,GBPUSD,USDJPY,NOPE"}),
    Call("GET", "market/watch/list", {"prefix": "web"}),
    Call("GET", "trades", PAGE),
    Call("GET", "trades", {**PAGE, "where": '[["profit", ">", 0]]'}, "with a filter"),
    Call("GET", "trades/order", {"order": "{position}"}),
    Call("GET", "trades/orders", {"orders": "{position}"}),
    Call("GET", "trade/explain/{position}"),
    Call("GET", "trades/history/login", {"from": 0, "to": now() + 3600}),
    Call("GET", "scripts"),
    Call("GET", "script/{script}"),
    Call("GET", "settings"),
    Call("GET", "price_alert/list"),
    Call("GET", "price_alert/logs"),
    Call("GET", "requests/unknown"),
    Call("GET", "limits"),
    Call("GET", "icons/unknown"),
    Call("GET", "storage/unknown"),
]
WRITES = [
    Call("POST", "sign/in", {"login": 100001, "password": factories.PASSWORD}),
    Call("POST", "sign/out"),
    Call("POST", "trade/check", BUY),
    Call("POST", "trade/open", BUY),
    Call("POST", "trade/open/pending", LIMIT),
    Call("PUT", "trade/modify", {"order": "{position}", "sl": 1.05}),
    Call("PUT", "trade/modify/pending", {"order": "{pending}", "open_price": 1.01}),
    Call("DELETE", "trade/close", {"order": "{position}"}),
    Call("DELETE", "trade/close", {"order": "{position}", "volume": 10}, "of a part"),
    Call("DELETE", "trade/cancel", {"order": "{pending}"}),
    Call("DELETE", "trade/close/group", {"type": 0}),
    Call("DELETE", "trade/cancel/group"),
    Call("PUT", "notify", {"id": "{notification}", "status": 2}),
    Call("POST", "price_alert", ALERT),
    Call("PUT", "price_alert", {"id": "{alert}", "target_price": 3}),
    Call("DELETE", "price_alert/{alert}"),
    Call("DELETE", "price_alert/logs/{log}"),
    Call("DELETE", "price_alert/logs"),
    Call("POST", "script", {"name": "New", "script": "y"}),
    Call("PUT", "script", {"id": "{script}", "script": "z"}),
    Call("DELETE", "script/{script}"),
    Call("PUT", "account/me", {"city": "Tallinn"}),
    Call("PUT", "settings", {"prefix": "web", "name": "k1", "value": [1]}),
    Call("DELETE", "settings", {"prefix": "web"}),
    Call("POST", "market/watch", {"symbol": "GBPUSD"}),
    Call("DELETE", "market/watch", {"symbol": "EURUSD"}),
]
CALLS = [*READS, *WRITES]


def pinned() -> dict[str, int]:
    found: dict[str, int] = json.loads(PINS.read_text(encoding="utf-8"))
    return found


def pin(call: Call, count: int) -> None:
    """Store the count in the file, in the order of CALLS and without removed calls."""
    known = {**(pinned() if PINS.exists() else {}), str(call): count}
    kept = {str(one): known[str(one)] for one in CALLS if str(one) in known}
    PINS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def statements_of(call: Call, client: Any, known: SampleIds) -> list[str]:
    """Return the statements of one request and of its work after the commit."""
    path, takes = call.filled(known)
    clear_kept_rows()  # whatever came before
    catalog.current_catalog()  # which a process reads once, and not for each request
    with CaptureQueriesContext(connection) as captured:
        answer = getattr(client, call.method.lower())(path, takes)
    assert answer.status_code == (404 if "unknown" in path else 200), answer.content
    statements = [str(query["sql"]) for query in captured]
    return [sql for sql in statements if not sql.startswith(TRANSACTION)]


def test_a_route_needs_as_many_queries_as_are_pinned(
    signed_in: Signed, alice: Account, carol: User, subtests: pytest.Subtests,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    known = create_sample_rows(alice)
    for call in CALLS:
        client = signed_in(carol if call.by_staff else alice)
        with subtests.test(str(call)), transaction.atomic():
            with django_capture_on_commit_callbacks(execute=True):
                statements = statements_of(call, client, known)
            transaction.set_rollback(True)
            check_count(call, statements)


def check_count(call: Call, statements: list[str]) -> None:
    """Check that the route sends as many statements as are pinned, or pin their number."""
    if os.environ.get(PIN) == "1":
        pin(call, len(statements))
    assert len(statements) == pinned().get(str(call)), (
        f"{call} needs {len(statements)} queries, pinned are {pinned().get(str(call))};"
        f" if that is meant: {PIN}=1 make test, or pytest of this file. They were:\n"
        + "\n".join(sql[:200] for sql in statements)
    )


def test_every_route_that_reads_is_pinned() -> None:
    known = SampleIds(7, 7, 7, 7, 7, 7)
    covered = {call.filled(known)[0].replace("unknown", "7") for call in READS}
    paths = {path for path, actions in routes() if "get" in actions}
    reading = {f"/{path}" for path in paths - OPEN}
    assert reading <= covered, f"ask them in READS: {sorted(reading - covered)}"


def test_no_count_is_pinned_for_a_removed_call() -> None:
    assert list(pinned()) == [str(call) for call in CALLS]
