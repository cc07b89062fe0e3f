"""Our OpenAPI document as schemathesis reads it, and what must hold for every answer."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from accounts.models import Account, User
from core.session_tokens import SessionToken
from tests.api.test_every_route import routes

load_all_checks()
QUICK = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@cache
def load_document() -> Any:
    """Return what `/schema` serves, with this process as the server."""
    schema = schemathesis.openapi.from_wsgi("/schema?format=json", get_wsgi_application())
    schema.config.phases.stateful.inference.algorithms = []  # the document's own links alone
    return schema


def shown_operations() -> Iterator[tuple[str, Any]]:
    """Yield every operation that the document shows, with its method."""
    for path, actions in routes(r"{\1}"):
        shown = {action: method for method, action in reversed(actions.items()) if method != "head"}
        for method in sorted(shown.values()):
            yield method, load_document()[f"/{path}"][method]


def session_headers(who: Account | User) -> dict[str, str]:
    """Return the header of a fresh session: some requests end the one that they came with."""
    user = who.user if isinstance(who, Account) else who
    version = User.objects.values_list("session_version", flat=True).get(pk=user.pk)
    token = SessionToken.issue(user.login, user.type, version)
    return {"Authorization": str(token)}


def check_refusal(_: Any, response: Any, case: Any) -> None:
    """Check that a refusal has the shape of errors and is no internal error."""
    if response.status_code >= 400:
        shape = {"s", "errmsg"} if case.path.startswith("/udf/") else {"error", "message"}
        assert set(response.json()) == shape, response.content
    assert response.status_code < 500 or response.json()["error"] == "RET_TRADE_OFFQUOTES"


def check_answer(_: Any, response: Any, case: Any) -> None:
    """Check that the answer is as documented, each column of a row as well.

    In place of schemathesis' own check, which refuses the columns of OpenAPI 3.1.
    """
    documented = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    for content in documented.get("content", {}).values():
        validator_of(case.operation.label, response.status_code, content).validate(response.json())


_validators: dict[tuple[str, int], Any] = {}


def validator_of(label: str, status: int, content: dict[str, Any]) -> Any:
    """Return the validator of an operation's answer; to build one costs more than to use it."""
    key = (label, status)
    if key not in _validators:
        _validators[key] = jsonschema_rs.Draft202012Validator(content["schema"])
    return _validators[key]


CONFORMING: list[Any] = [
    check_refusal,
    check_answer,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
        ]
    ),
]
REFUSING: list[Any] = [*CONFORMING, *CHECKS.get_by_names(["negative_data_rejection"])]
