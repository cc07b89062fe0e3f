"""The declaration of an API operation, for validation and for the OpenAPI schema."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiResponse, extend_schema

from api.errors import status_of
from api.inputs import Input, NoInput
from core.errors import BrokerError, Invalid, Unauthenticated

Action = TypeVar("Action", bound=Callable[..., Any])
ALWAYS: tuple[type[BrokerError], ...] = (Invalid, Unauthenticated)


def operation(
    summary: str,
    *,
    takes: type[Input] = NoInput,
    gives: dict[str, Any],
    errors: Iterable[type[BrokerError]] = (),
    links: dict[str, dict[str, Any]] | None = None,
) -> Callable[[Action], Action]:
    """Declare the request (an Input), response (a JSON schema) and errors of an action.

    `links` are OpenAPI's: what can be asked next, made by `operation_link`.
    """

    def declare(action: Action) -> Action:
        action.takes = takes  # type: ignore[attr-defined]  # read by ApiViewSet
        action.links = links  # type: ignore[attr-defined]  # read by api.described
        responses: dict[Any, Any] = {(200, "application/json"): gives}
        for status, codes in _codes((*ALWAYS, *errors)).items():
            responses[(status, "application/json")] = OpenApiResponse(
                error_schema(codes), description=", ".join(codes)
            )
        said: dict[str, Any] = {
            "summary": summary,
            "description": action.__doc__,
            "responses": responses,
        }
        in_body = extend_schema(methods=["POST", "PUT"], request=takes, **said)
        in_query = extend_schema(methods=["GET", "DELETE"], parameters=[takes], **said)
        return in_body(in_query(action))

    return declare


def link(to: str, body: dict[str, str] | None = None, **parameters: str) -> dict[str, Any]:
    """Return an OpenAPI link to an operation's id; the values are runtime expressions."""
    takes = {"requestBody": body} if body else {"parameters": parameters}
    return {"operationId": to, **takes}


def _codes(errors: Iterable[type[BrokerError]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for error in errors:
        if error.code not in found[status_of(error)]:
            found[status_of(error)].append(error.code)
    return dict(sorted(found.items()))


def error_schema(codes: list[str]) -> dict[str, Any]:
    """Return the JSON schema of the error envelope with its possible codes."""
    return {
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "string", "enum": codes},
            "message": {"type": "string"},
        },
    }


def obj(**properties: str | dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a flat object: names with their types."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": {
            name: {"type": kind} if isinstance(kind, str) else kind
            for name, kind in properties.items()
        },
    }


def table(structure: Iterable[str], **beside: str) -> dict[str, Any]:
    """Return the JSON schema of a table with these columns."""
    names = list(structure)
    return obj(
        structure={"type": "array", "items": {"type": "string", "enum": names}},
        rows={
            "type": "array",
            "items": {"type": "array", "minItems": len(names), "maxItems": len(names)},
        },
        **beside,
    )


OK_SCHEMA = obj(data={"type": "string", "const": "OK"})
OK_ID_SCHEMA = obj(data={"type": "string", "const": "OK"}, id="integer")
