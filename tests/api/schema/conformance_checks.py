"""Our OpenAPI document as schemathesis reads it, and what must hold for every answer."""

from functools import cache
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from accounts.models import Account, User
from core.session_tokens import SessionToken

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


def session_headers(who: Account | User) -> dict[str, str]:
    """Return the header of a fresh session: some requests end the one that they came with."""
    user = who.user if isinstance(who, Account) else who
    user.refresh_from_db()
    token = SessionToken.issue(user.login, user.type, user.session_version)
    return {"Authorization": str(token)}


def check_refusal(_: Any, response: Any, case: Any) -> None:
    """Check that a refusal has the shape of errors and is no internal error."""
    if response.status_code >= 400:
        shape = {"s", "errmsg"} if case.path.startswith("/udf/") else {"error", "message"}
        assert set(response.json()) == shape, response.content
    assert response.status_code < 500 or response.json()["error"] == "RET_TRADE_OFFQUOTES"


CONFORMING: list[Any] = [
    check_refusal,
    *CHECKS.get_by_names(
        [
            "status_code_conformance", "content_type_conformance", "response_schema_conformance",
            "response_headers_conformance",
        ]
    ),
]  # fmt: skip
REFUSING: list[Any] = [*CONFORMING, *CHECKS.get_by_names(["negative_data_rejection"])]
