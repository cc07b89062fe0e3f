"""The examples of the OpenAPI document are accepted as they stand, except for ids.

Their answers are examples as well: `WRITE_ANSWERS=1` writes what was answered.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import transaction

from accounts.models import Account, User
from api.input import input_checker
from api.models import IdempotencyKey
from core.clock import now
from market.api.feed_views import PushInput
from market.icons import icon_path
from market.models import Symbol
from tests import factories
from tests.api.sample_rows import SampleIds, create_sample_rows
from tests.api.schema.conformance_checks import shown_operations
from tests.conftest import Signed

pytestmark = pytest.mark.usefixtures("one_connection")
PASSWORD = "demo1234"
VERIFY = "/sign/up/verify"
# A form with a file, and the path of what was sent: tests/pictures does both.
UPLOADS = ("/upload", "/storage/{file}")
FEED = "/feed/quotes"  # takes quotes only while a feed runs
OF_STAFF = ("/accounts", "/balances/list", "/margin_call")
KEY = "theme-1"  # of a write that was done
LOGIN = 100001
# What differs from run to run, as the examples show it.
SHOWN_VALUES = {
    "order": 1001, "parent_order": 1000, "id": 1, "alert_id": 1, "seq": 7, "last_seq": 7,
    "__token": "eyJhbGciOiJIUzI1NiJ9.e30.sig",
}  # fmt: skip
SHOWN_NUMBERS = (  # from this number on it is a quote's number, unix ms, unix seconds
    (10**15, 17_900_000_000_000_001),
    (10**12, 1_790_000_000_000),
    (10**9, 1_790_000_000),
)
PATH_VALUES: dict[str, Callable[[str, SampleIds], str]] = {
    "id": lambda path, known: str(
        known.position if "explain" in path else with_ids({"id": 0}, path, known)["id"]
    ),
    "key": lambda path, known: KEY,
    "file": lambda path, known: icon_path(Symbol.objects.get(pk="EURUSD")).rpartition("/")[2],
}


def operations() -> Iterator[Any]:
    """Method, path and raw definition of every operation of ours."""
    for method, operation in shown_operations():
        yield method, operation.path, operation.definition.raw


def sent(raw: dict[str, Any]) -> dict[str, Any]:
    """The body's example, or that of the query's parameters."""
    if "requestBody" in raw:
        (content,) = raw["requestBody"]["content"].values()
        return dict(content.get("example", {}))
    found = raw.get("parameters", [])
    return {part["name"]: part["example"] for part in found if "example" in part}


def test_every_body_and_every_required_parameter_has_an_example() -> None:
    missing = []
    for method, path, raw in operations():
        if "requestBody" in raw and raw["requestBody"].get("required") and not sent(raw):
            missing.append(f"{method} {path}")
        missing += [
            f"{method} {path} {part['name']}"
            for part in raw.get("parameters", [])
            if part.get("in") == "query" and part.get("required") and "example" not in part
        ]
    assert not missing


@pytest.fixture
def known(alice: Account) -> SampleIds:
    """An account with some of everything, the demo's password, and a group for who signs up."""
    alice.user.set_password(PASSWORD)
    alice.user.save()
    factories.group("new", public=True)
    factories.pending_sign_up(1, "new", "ABCD2345")
    return create_sample_rows(alice)


def with_ids(values: dict[str, Any], path: str, known: SampleIds) -> dict[str, Any]:
    """The values with ids that there are."""
    if path == VERIFY:
        return values
    pending = path in ("/trade/cancel", "/trade/modify/pending")
    alerts = known.log if "logs" in path else known.alert
    real = {
        "id": {"/script": known.script, "/notify": known.notification}.get(path[:7], alerts),
        "order": known.pending if pending else known.position,
    }
    return {name: real.get(name, value) for name, value in values.items()}


def play_examples(known: SampleIds, client_of: Any) -> dict[str, Any]:
    """Send every example; return the answers by operation id."""
    answers = {}
    for method, path, raw in operations():
        if path in (FEED, *UPLOADS):
            continue
        values = with_ids(sent(raw), path, known)
        client = client_of(path)
        with transaction.atomic():
            if "requestBody" in raw:
                answer = getattr(client, method)(path, values)
            else:
                address = path
                for name, value in PATH_VALUES.items():
                    address = address.replace(f"{{{name}}}", value(path, known))
                answer = client.generic(method.upper(), f"{address}?{urlencode(values)}")
            transaction.set_rollback(True)
        answers[raw["operationId"]] = answer
    return answers


def test_every_example_is_accepted_and_answered_as_the_schema_shows(
    known: SampleIds, alice: Account, carol: User, signed_in: Signed, subtests: Any
) -> None:
    IdempotencyKey.objects.create(
        login=LOGIN, key=KEY, route="settings", status=200, answer='{"data":"OK"}', created=now()
    )
    shown = {}

    def client_of(path: str) -> Any:
        return signed_in(carol if path in OF_STAFF else alice)

    for name, answer in play_examples(known, client_of).items():
        with subtests.test(name):
            assert answer.status_code == 200, answer.content
        if answer.status_code == 200 and answer.headers["Content-Type"] == "application/json":
            shown[name] = mask(answer.json())
    committed = Path(settings.API_ANSWERS)
    if os.environ.get("WRITE_ANSWERS"):
        text = json.dumps(shown, indent=1, ensure_ascii=False)
        committed.write_text(text + "\n", encoding="utf-8")
    assert json.loads(committed.read_text(encoding="utf-8")) == shown, "WRITE_ANSWERS=1 writes them"


def mask(value: Any, name: str = "") -> Any:
    """Return the answer with what differs from run to run replaced, and two rows of a table."""
    if name == "login" and value != LOGIN:
        return LOGIN + 1
    if name in SHOWN_VALUES and isinstance(value, int | str) and value != LOGIN:
        return SHOWN_VALUES[name]
    if name == "performance":
        return dict.fromkeys(value) | {"1W": 0.52}  # depends on the day of the year
    if isinstance(value, dict):
        if "structure" in value:
            columns = value["structure"]
            body = "rows" if "rows" in value else "data"
            rows = [
                [mask(cell, column) for column, cell in zip(columns, row, strict=True)]
                for row in value[body][:2]
            ]
            rest = {key: mask(part, key) for key, part in value.items() if key != body}
            return {**rest, body: rows}
        return {key: mask(part, key) for key, part in value.items()}
    if isinstance(value, list):
        masked = [mask(part) for part in value]
        if name == "event" and value[0] == "o":
            masked[1] = SHOWN_VALUES["order"]
        return masked
    if isinstance(value, int) and not isinstance(value, bool):
        return next((shown for least, shown in SHOWN_NUMBERS if value >= least), value)
    return re.sub(r"\d{4}-\d\d-\d\d", "2026-11-28", value) if isinstance(value, str) else value


def test_the_example_of_the_feed_is_valid() -> None:
    assert input_checker(PushInput).run_validation(PushInput.example)["quotes"]
