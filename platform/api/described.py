"""Adds to an operation of the schema what its viewset does beside the action."""

from typing import Any

from rest_framework.views import APIView

from api.authentication import SAFE_METHODS
from api.errors import CODE_OF_STATUS, status_of
from api.idempotency import Busy, Duplicate
from api.limits import counting
from api.operation import error_schema
from core.errors import Denied

# What a session is refused with before its action runs, the login's own standing with it.
SESSION = ((403, Denied.code), (403, "RET_ACCOUNT_DISABLED"))
LIMIT = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def describe(operation: dict[str, Any], view: APIView, method: str) -> None:
    """Say what every route has: limits, keys, examples, links, and errors before the action."""
    limits: tuple[str, ...] | None = getattr(view, "limits", None)
    if limits is None:
        return  # no viewset of ours
    session = bool(view.authentication_classes)
    keyed = method not in SAFE_METHODS
    parameters = operation.setdefault("parameters", [])
    refusals = [(415, CODE_OF_STATUS[415]), *(SESSION if session else ())]
    if any(parameter["in"] == "path" for parameter in parameters):
        refusals.append((404, CODE_OF_STATUS[404]))  # what stands there is no such number or key
    errors = [rule.error for rule in counting(limits, method)] + (
        [Busy, Duplicate] * (keyed and session)
    )
    for status, code in [*refusals, *((status_of(error), error.code) for error in errors)]:
        _add_error(operation, str(status), code)
    for parameter in parameters:
        _as_json(parameter)
    if keyed:
        parameters.append(_ref("parameters", "Idempotency-Key"))
    _add_headers(operation["responses"], ("X-Account-Seq", "Idempotent-Replay") if keyed else ())
    action = getattr(view, str(getattr(view, "action", "")))
    _add_example(operation, action.takes.example)
    if action.links:
        operation["responses"]["200"]["links"] = action.links


def _add_example(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """One of the whole body, or of each parameter in the query."""
    if not example:
        return
    if "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = example
    for parameter in operation["parameters"]:
        if parameter.get("in") == "query" and parameter["name"] in example:
            parameter["example"] = example[parameter["name"]]


def _add_headers(responses: dict[str, Any], done: tuple[str, ...]) -> None:
    """Those of the limits, and those of a write that is done."""
    for status, names in {"200": (*LIMIT, *done), "429": (*LIMIT, "Retry-After")}.items():
        if status in responses:
            responses[status]["headers"] = {name: _ref("headers", name) for name in names}


def _as_json(parameter: dict[str, Any]) -> None:
    """A list in the query is the text of its JSON, no repeated parameter."""
    if parameter.get("schema", {}).get("type") == "array":
        parameter["content"] = {"application/json": {"schema": parameter.pop("schema")}}


def _ref(kind: str, name: str) -> dict[str, str]:
    """A reference to one of `api.components`."""
    return {"$ref": f"#/components/{kind}/{name}"}


def _add_error(operation: dict[str, Any], status: str, code: str) -> None:
    """One more code among those of its status. Schemas are shared, so a new one is made."""
    codes = [code]
    known = operation["responses"].get(status)
    if known is not None:
        listed = known["content"]["application/json"]["schema"]["properties"]["error"]["enum"]
        codes = listed if code in listed else [*listed, code]
    content = {"application/json": {"schema": error_schema(codes)}}
    operation["responses"][status] = {"content": content, "description": ", ".join(codes)}
    operation["responses"] = dict(sorted(operation["responses"].items()))
