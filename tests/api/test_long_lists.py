"""Long lists are written row by row, bounded in bytes, and not held in memory."""

import gc
import threading
import weakref
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import resolve
from rest_framework.test import APIClient

from accounts.models import Account
from api import long_table
from core import json
from core.session_tokens import SessionToken
from scripts.models import Script
from settings_app.models import Setting
from tests import factories
from tests.api.sample_rows import create_sample_rows
from tests.conftest import Signed, error_of
from trading.api import history_table, trades_table
from trading.models import Trade

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
LONG = {
    "/price_alert/list": "",
    "/price_alert/logs": "",
    "/scripts": "",
    "/settings": "",
    "/trades": "limit=1001&offset=0&tradeType=0",
    "/trades/history/login": "from=0&to=4000000000",
}
# What has few rows: the rules, 5,000 bars, and at most a thousand of the others at a time.
SHORT = {
    "/limits", "/account/changes", "/trades/orders", "/quotes/candles", "/notify/list",
    "/accounts", "/balances/list", "/margin_call",
}  # fmt: skip


def test_the_list_of_long_lists_is_complete() -> None:
    paths = yaml.load(SCHEMA.read_bytes(), yaml.CSafeLoader)["paths"]
    listed = set()
    for path, methods in paths.items():
        answer = methods.get("get", {}).get("responses", {}).get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if "structure" in schema.get("properties", {}) or path == "/scripts":  # of objects
            listed.add(path)
    assert listed == {*LONG, *SHORT}


def test_an_answer_is_freed_once_it_is_sent(alice: Account, subtests: pytest.Subtests) -> None:
    create_sample_rows(alice)
    token = SessionToken.issue(alice.login, 0, alice.user.session_version)
    for path, query in LONG.items():
        request = RequestFactory().get(f"{path}?{query}", HTTP_AUTHORIZATION=str(token))
        with subtests.test(path):
            check_freed(request)


def check_freed(request: HttpRequest) -> None:
    """Check that no circle of references holds the answer to the request."""
    found = resolve(request.path)
    gc.disable()
    try:
        answer = found.func(request, *found.args, **found.kwargs)
        assert b'"rows":[[' in answer.content or b'"rows":[{' in answer.content
        gone = weakref.ref(answer)
        del answer
        assert gone() is None, "it waits for Python's collector"
    finally:
        gc.enable()


@pytest.mark.django_db(transaction=True)
def test_an_answer_beyond_the_limit_is_refused_and_the_connection_stays_usable(
    signed_in: Signed, subtests: pytest.Subtests
) -> None:
    alice = factories.client(100001, factories.group("demo-usd"))
    create_sample_rows(alice)
    client = signed_in(alice)
    for path, query in LONG.items():
        with subtests.test(path):
            whole = client.get(f"{path}?{query}")
            assert whole.status_code == 200
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(long_table, "LARGEST", 30)
                answer = client.get(f"{path}?{query}")
            assert error_of(answer) == (400, "INVALID_DATA")
            assert "ask for a part of it" in answer.json()["message"]
            again = client.get(f"{path}?{query}")
            assert again.json() == whole.json()


def test_a_list_can_be_read_in_pages(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    create_sample_rows(alice)
    client = signed_in(alice)
    for path in ("/scripts", "/price_alert/list", "/price_alert/logs"):
        with subtests.test(path):
            check_pages(client, path)


def check_pages(client: APIClient, path: str) -> None:
    """Check that the list's pages are the list, and that wrong pages are refused."""
    whole = client.get(path).json()
    assert len(whole["rows"]) >= 3
    parts: list[Any] = []
    for offset in range(len(whole["rows"])):
        parts += client.get(f"{path}?limit=1&offset={offset}").json()["rows"]
    assert parts == whole["rows"]
    assert client.get(f"{path}?offset=1").json()["rows"] == whole["rows"][1:]
    for bad in ("limit=0", "limit=50001", "offset=-1", "limit=x"):
        assert error_of(client.get(f"{path}?{bad}")) == (400, "INVALID_DATA")


CONDITIONS = (
    "",
    '&where=[["symbol","==","EURUSD"]]',
    '&where=[["symbol","==","nothing"]]',
    '&orderBy=[["profit","asc"]]',
    '&whereIn=[["cmd",[]]]',
)


def test_long_and_short_lists_of_trades_have_the_same_rows(
    signed_in: Signed, alice: Account, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    create_sample_rows(alice)
    monkeypatch.setattr(trades_table, "CHUNK_ROWS", 2)
    client = signed_in(alice)
    for kind, conditions, offset in product(range(5), CONDITIONS, (0, 3, 1000)):
        rest = f"&offset={offset}&tradeType={kind}{conditions}"
        with subtests.test(rest), pytest.MonkeyPatch.context() as patch:
            few, many = (client.get(f"/trades?limit={most}{rest}").json() for most in (1000, 1001))
            assert few == many
            assert few["count"] >= len(few["rows"])
            patch.setattr(trades_table, "SHORT_PAGE_ROWS", 1)
            assert client.get(f"/trades?limit=2{rest}").json()["rows"] == few["rows"][:2]


def test_an_account_statement_is_complete_or_refused(
    signed_in: Signed, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_sample_rows(alice)
    client, path = signed_in(alice), "/trades/history/login?from=0&to=4000000000"
    number = Trade.objects.ended().filter(account=alice).count()
    monkeypatch.setattr(history_table, "MOST_ROWS", number)
    assert len(client.get(path).json()["rows"]) == number
    monkeypatch.setattr(history_table, "MOST_ROWS", number - 1)
    answer = client.get(path)
    assert error_of(answer) == (400, "INVALID_DATA")
    assert answer.json()["message"].startswith(f"more than {number - 1} rows")


@pytest.mark.django_db(transaction=True)
def test_a_database_connection_ended_by_the_server_answers_503(
    signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = factories.client(100001, factories.group("demo-usd"))
    Script.objects.bulk_create(
        Script(user_id=100001, name="n", script="s" * 50_000, created_time=1, updated_time=1)
        for _ in range(200)
    )
    client, real, seen = signed_in(alice), json.dumps, []

    def cut(value: Any) -> bytes:
        seen.append(1)
        if len(seen) == 3:
            terminate(connection.connection.info.backend_pid)
        return real(value)

    monkeypatch.setattr(json, "dumps", cut)
    answer = client.get("/scripts")
    monkeypatch.undo()
    connection.close()  # the end of a request does it
    assert error_of(answer) == (503, "UNAVAILABLE")
    assert client.get("/settings").status_code == 200


def terminate(backend: int) -> None:
    """End a server's process, from a connection of its own."""

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        connection.close()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()


def test_a_long_list_is_not_held_in_memory(signed_in: Signed, alice: Account) -> None:
    import tracemalloc

    size = 20_000
    Setting.objects.bulk_create(
        Setting(user_id=100001, prefix="p", name=f"{n}", value=f'"{"x" * size}"', updated_time=1)
        for n in range(400)
    )
    client = signed_in(alice)
    client.get("/settings?prefix=none")
    tracemalloc.start()
    try:
        length = len(client.get("/settings").content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length > 400 * size
    assert peak < 1.6 * length
