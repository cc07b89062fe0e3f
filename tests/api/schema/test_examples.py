"""The examples of the OpenAPI document are accepted as they stand, except for ids."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction

from accounts.models import Account, User
from api.input import input_checker
from market.api.feed_views import PushInput
from tests import factories
from tests.api.sample_rows import SampleIds, create_sample_rows
from tests.api.schema.conformance_checks import load_document
from tests.api.test_every_route import routes
from tests.conftest import Signed

pytestmark = pytest.mark.usefixtures("one_connection")
PASSWORD = "demo1234"
VERIFY = "/sign/up/verify"
UPLOAD = "/upload"  # a form with a file: tests/pictures sends it
FEED = "/feed/quotes"  # takes quotes only while a feed runs
OF_STAFF = ("/accounts", "/balances/list", "/margin_call")


def operations() -> Iterator[Any]:
    """Method, path and raw definition of every operation of ours."""
    for path, actions in routes(r"{\1}"):
        for method in sorted(set(actions) - {"head"}):
            operation = load_document()[f"/{path}"][method]
            yield method, f"/{path}", operation.definition.raw


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


def test_every_example_is_accepted(
    known: SampleIds, alice: Account, carol: User, signed_in: Signed, subtests: Any
) -> None:
    for method, path, raw in operations():
        values = with_ids(sent(raw), path, known)
        if not values or path in (FEED, UPLOAD):
            continue
        client = signed_in(carol if path in OF_STAFF else alice)
        with subtests.test(f"{method} {path}"), transaction.atomic():
            if "requestBody" in raw:
                answer = getattr(client, method)(path, values)
            else:
                address = path.replace("{id}", str(with_ids({"id": 0}, path, known)["id"]))
                answer = client.generic(method.upper(), f"{address}?{urlencode(values)}")
            transaction.set_rollback(True)
            assert answer.status_code == 200, answer.content


def test_the_example_of_the_feed_is_valid() -> None:
    assert input_checker(PushInput).run_validation(PushInput.example)["quotes"]
