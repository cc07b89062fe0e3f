"""Completes an operation of the schema with what its viewset adds to every action."""

from functools import cache
from pathlib import Path

from django.conf import settings
from rest_framework.views import APIView

from api.authentication import SAFE_METHODS
from api.errors import CODE_OF_STATUS, status_of
from api.idempotency.keys import IdempotencyKeyBusy, IdempotencyKeyReused
from api.schema.meanings import FieldMeanings, describe_schema, meanings_of_view
from api.schema.operation import Document, ErrorSchema
from api.throttling.rate_limits import rules_counting
from core import json
from core.errors import Denied

# The refusals of a session before its action runs, that of a disabled account included.
SESSION_ERRORS = ((403, Denied.code), (403, "RET_ACCOUNT_DISABLED"))
LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def describe_operation(operation: Document, view: APIView, method: str) -> None:
    """Add what every route has: limits, keys, examples, links and errors before the action."""
    limits: tuple[str, ...] | None = getattr(view, "limits", None)
    if limits is None:
        return  # not one of our viewsets
    uses_session = bool(view.authentication_classes)
    is_write = method not in SAFE_METHODS
    parameters = operation.setdefault("parameters", [])
    refusals = [(415, CODE_OF_STATUS[415]), *(SESSION_ERRORS if uses_session else ())]
    if any(parameter["in"] == "path" for parameter in parameters):
        refusals.append((404, CODE_OF_STATUS[404]))  # the path has no such number or key
    errors = [rule.error for rule in rules_counting(limits, method)] + (
        [IdempotencyKeyBusy, IdempotencyKeyReused] * (is_write and uses_session)
    )
    name = str(getattr(view, "action", ""))
    action = getattr(view, name)
    for status, code in [*refusals, *((status_of(error), error.code) for error in errors)]:
        _add_error(operation, str(status), code, action.error_schema)
    _add_meanings(operation, meanings_of_view(view))
    if is_write:
        parameters.append(_reference_to("parameters", "Idempotency-Key"))
    _add_headers(operation["responses"], ("X-Account-Seq", "Idempotent-Replay") if is_write else ())
    _add_example(operation, action.input_class.example)
    _add_answer(operation)
    if action.links:
        operation["responses"]["200"]["links"] = action.links
    actions: dict[str, str] = getattr(view, "action_map", {})
    others = (each for each, known in actions.items() if known == name)
    _add_synonym(operation, [each for each in others if each not in ("head", method.lower())])


def _add_example(operation: Document, example: Document) -> None:
    """Add the example to the whole body, or to each parameter in the query."""
    if not example:
        return
    if "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example
    for parameter in operation["parameters"]:
        if parameter.get("in") == "query" and parameter["name"] in example:
            parameter["example"] = example[parameter["name"]]


def _add_headers(responses: Document, write_headers: tuple[str, ...]) -> None:
    """Add the headers of the rate limits, and those of a successful write."""
    for status, names in {
        "200": (*LIMIT_HEADERS, *write_headers),
        "429": (*LIMIT_HEADERS, "Retry-After"),
    }.items():
        if status in responses:
            responses[status]["headers"] = {name: _reference_to("headers", name) for name in names}


def _add_meanings(operation: Document, meanings: FieldMeanings) -> None:
    """Say what the fields of the answers mean."""
    for response in operation["responses"].values():
        for content in response["content"].values():
            content["schema"] = describe_schema(content["schema"], meanings)


def _add_answer(operation: Document) -> None:
    """Add the answer that a played call got."""
    answer = _played_answers().get(operation["operationId"])
    if answer is not None:
        operation["responses"]["200"]["content"]["application/json"]["example"] = answer


@cache
def _played_answers() -> dict[str, object]:
    answers: dict[str, object] = json.loads(Path(settings.API_ANSWERS).read_bytes())
    return answers


def _add_synonym(operation: Document, methods: list[str]) -> None:
    """Name the other method that does the same."""
    for synonym in methods:
        operation["x-synonym"] = synonym.upper()
        operation["description"] += f" {synonym.upper()} does the same."


def _reference_to(kind: str, name: str) -> dict[str, str]:
    """Return a reference to one of `api.schema.components`."""
    return {"$ref": f"#/components/{kind}/{name}"}


def _add_error(operation: Document, status: str, code: str, schema_of: ErrorSchema) -> None:
    """Add a code to those of its status, in a new schema, as schemas are shared."""
    codes = [code]
    known = operation["responses"].get(status)
    if known is not None:
        listed = known["description"].split(", ")
        codes = listed if code in listed else [*listed, code]
    content = {"application/json": {"schema": schema_of(codes)}}
    operation["responses"][status] = {"content": content, "description": ", ".join(codes)}
    operation["responses"] = dict(sorted(operation["responses"].items()))
