"""Every integer input of every route with unusual numbers; then all pages of staff open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import Account, User
from alerts.models import Alert
from core.clock import LAST_TIME, now
from tests import factories
from tests.api.sample_rows import SampleIds, create_sample_rows
from tests.api.test_query_counts import ALERT, CALLS, LIMIT, Call
from tests.backoffice.pages.staff_pages import broken_pages
from tests.conftest import Signed, error_of
from trading.models import Trade

YEAR_10000 = 253_402_300_800
NUMBERS = [2**53, 2**63 - 1, YEAR_10000]
SIGN_UP = {"name": "New", "email": "new@example.com", "password": "demo1234"}
MOVING = {**ALERT, "condition": 8, "move_threshold": 1, "reference_price": 1}
# Requests that are right and have inputs that the pinned ones leave out.
MORE = [
    Call("POST", "sign/up", SIGN_UP),
    Call("POST", "sign/up/verify", {"id": 1, "code": "ABCD-2345"}),
    Call("PUT", "account/profile", {"city": "Tallinn"}),
    Call("PUT", "password", {"old_password": factories.PASSWORD, "password": "demo1234"}),
    Call("POST", "price_alert", MOVING),
    Call("DELETE", "price_alert", {"id": "{alert}"}),
    Call("PUT", "trade/modify/open", {"order": "{position}", "sl": 1.05}),
    Call("DELETE", "script", {"id": "{script}"}),
    Call("GET", "market/history", {"symbol": "EURUSD", "resolution": "60", "from": 0}),
]
RIGHT = [*CALLS, *MORE]
SYNONYM = {"POST": "PUT", "PUT": "POST"}  # the document shows one of the two
ELSEWHERE = {"feed/quotes"}  # its times are in lists: tests/market/feed


@dataclass(frozen=True)
class Wrong:
    """A request that is right but for one integer."""

    call: Call
    name: str


def integers() -> dict[tuple[str, str], set[str]]:
    """By method and path the names of the integer inputs that the document has."""
    generator = cast(Any, SchemaGenerator)()
    document = generator.get_schema(public=True)
    return {
        (method.upper(), path.strip("/")): set(integers_of(operation, document))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def integers_of(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """The names of the operation's integers, in its query or its body."""
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "query" and is_integer(parameter.get("schema", {}), document):
            yield parameter["name"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = resolved(body.get("schema", {}), document).get("properties", {})
    yield from (name for name, schema in fields.items() if is_integer(schema, document))


def is_integer(schema: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether it is one, also as an enum."""
    parts = (resolved(part, document) for part in schema.get("allOf", [schema]))
    return any(part.get("type") == "integer" for part in parts)


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def wrong_requests() -> list[Wrong]:
    """For every right request one with each of its integers."""
    known = integers()
    shown = [(call, (call.method, template(call.path))) for call in RIGHT]
    return [
        Wrong(call, name)
        for call, key in shown
        for name in sorted(known[key if key in known else (SYNONYM[key[0]], key[1])])
    ]


def template(path: str) -> str:
    """The path as the document has it."""
    parts = [part.partition("}")[0] if "{" in part else part for part in path.split("/")]
    named = ["{id}" if part.startswith("{") else part for part in parts]
    unknown = "{file}" if named[0] in ("icons", "storage") else "{key}"
    return "/".join(unknown if part == "unknown" else part for part in named)


def ask(client: APIClient, call: Call, known: SampleIds, **changes: int) -> Any:
    """Send the request with its changes."""
    path, takes = call.filled(known)
    return getattr(client, call.method.lower())(path, {**takes, **changes})


def test_every_integer_of_the_document_is_tested() -> None:
    walked = {(call.method, template(call.path)) for call in RIGHT}
    left = {
        key
        for key, names in integers().items()
        if names
        and key[1] not in ELSEWHERE
        and not walked & {key, (SYNONYM.get(key[0], ""), key[1])}
    }
    assert left == set(), "a right request for it belongs in MORE"


@pytest.fixture
def furnished(alice: Account, settings: Any) -> SampleIds:
    for rule in ("ADDRESS", "SIGN_ADDRESS", "SIGN_LOGIN", "TRADING"):
        setattr(settings, f"LIMIT_{rule}", 0)
    factories.group("open-usd", public=True)
    factories.pending_sign_up(1, "open-usd", "ABCD2345")
    return create_sample_rows(alice)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("no_menu", "no_contexts")
def test_no_number_from_a_client_breaks_a_page_of_staff(
    signed_in: Signed, alice: Account, admin: User, client: Client, furnished: SampleIds
) -> None:
    session = signed_in(alice)
    for call in MORE:
        with transaction.atomic():
            assert ask(session, call, furnished).status_code == 200, call
            transaction.set_rollback(True)
    for wrong in wrong_requests():
        for number in NUMBERS:
            answer = ask(session, wrong.call, furnished, **{wrong.name: number})
            if answer.status_code != 200:
                assert 400 <= error_of(answer)[0] < 500, (wrong, number, answer.content)
    client.force_login(admin)
    assert broken_pages(client, admin) == []


TIMES = [
    ("POST", "trade/open/pending", LIMIT, "expiration", "RET_TRADE_EXPIRATION_DENIED"),
    ("PUT", "trade/modify/pending", {"order": "{pending}"}, "expiration",
     "RET_TRADE_EXPIRATION_DENIED"),
    ("POST", "price_alert", ALERT, "expires_at", "INVALID_EXPIRES_AT"),
    ("PUT", "price_alert", {"id": "{alert}"}, "expires_at", "INVALID_EXPIRES_AT"),
    ("POST", "price_alert", MOVING, "reference_time", "INVALID_DATA"),
    ("PUT", "price_alert", {"id": "{alert}"}, "reference_time", "INVALID_DATA"),
    ("GET", "trades/history/login", {"from": 0}, "to", "INVALID_DATA"),
    ("GET", "trades/history/login", {"to": LAST_TIME}, "from", "INVALID_DATA"),
    ("GET", "market/history", {"symbol": "EURUSD", "resolution": "60", "countback": 1}, "to",
     "INVALID_DATA"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "takes", "name", "code"), TIMES)
def test_a_time_beyond_the_bound_is_refused_and_changes_nothing(
    signed_in: Signed, alice: Account, furnished: SampleIds,
    method: str, path: str, takes: dict[str, Any], name: str, code: str,
) -> None:  # fmt: skip
    client, before = signed_in(alice), rows()
    for number in (LAST_TIME + 1, now() * 1000, *NUMBERS):
        answer = ask(client, Call(method, path, takes), furnished, **{name: number})
        assert error_of(answer) == (400, code), number
        assert rows() == before, number


@pytest.mark.parametrize(("method", "path", "takes", "name", "code"), TIMES)
def test_the_greatest_time_is_accepted_everywhere(
    signed_in: Signed, alice: Account, furnished: SampleIds,
    method: str, path: str, takes: dict[str, Any], name: str, code: str,
) -> None:  # fmt: skip
    answer = ask(signed_in(alice), Call(method, path, takes), furnished, **{name: LAST_TIME})
    assert answer.status_code == 200, answer.content


def rows() -> list[Any]:
    """What requests could have changed."""
    tables: list[Any] = [Trade, Alert]
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_market_orders_expiration_is_ignored(
    signed_in: Signed, alice: Account, furnished: SampleIds
) -> None:
    buy = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
    answer = ask(signed_in(alice), Call("POST", "trade/open", buy), furnished, expiration=2**53)
    assert Trade.objects.get(pk=answer.json()["order"]).expiration == 0
