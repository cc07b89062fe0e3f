"""The declaration of an API operation, for validation and for the OpenAPI schema."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict, TypeVar

from drf_spectacular.utils import OpenApiResponse, extend_schema

from api.errors import status_of
from api.input import Input, NoInput
from core.errors import BrokerError, Invalid, Unauthenticated

Action = TypeVar("Action", bound=Callable[..., Any])
Document = dict[str, Any]  # a part of the OpenAPI document
ErrorSchema = Callable[[list[str]], Document]  # of an error with one of these codes
COMMON_ERRORS: tuple[type[BrokerError], ...] = (Invalid, Unauthenticated)


def operation(
    summary: str,
    *,
    request: type[Input] = NoInput,
    response: Mapping[str, object],
    in_part: Mapping[str, object] | None = None,
    errors: Iterable[type[BrokerError]] = (),
    links: Mapping[str, Mapping[str, object]] | None = None,
    media_type: str = "application/json",
    error_schema: ErrorSchema | None = None,
) -> Callable[[Action], Action]:
    """Declare the request (an Input), response (a JSON schema) and errors of an action.

    `in_part` is the response with status 207, where the action may be done in part. `links` are
    OpenAPI's: what can be asked next, made by `operation_link`. `media_type` is that of the
    response, errors apart; `error_schema` makes the schema of errors of another shape.
    """

    def declare(action: Action) -> Action:
        action.input_class = request  # type: ignore[attr-defined]  # read by ApiViewSet
        action.links = links  # type: ignore[attr-defined]  # read by api.schema.describe
        schema_of = error_schema or envelope_schema
        action.error_schema = schema_of  # type: ignore[attr-defined]  # read there too
        responses: dict[Any, Any] = {(200, media_type): response}
        if in_part is not None:
            responses[(207, media_type)] = OpenApiResponse(dict(in_part), "done in part")
        for status, codes in _codes_by_status((*COMMON_ERRORS, *errors)).items():
            responses[(status, "application/json")] = OpenApiResponse(
                schema_of(codes), description=", ".join(codes)
            )
        common: Document = {
            "summary": summary,
            "description": action.__doc__,
            "responses": responses,
        }
        in_body = extend_schema(methods=["POST", "PUT"], request=request, **common)
        in_query = extend_schema(methods=["GET", "DELETE"], parameters=[request], **common)
        return in_body(in_query(action))

    return declare


def operation_link(
    operation_id: str, body: dict[str, str] | None = None, **parameters: str
) -> dict[str, object]:
    """Return an OpenAPI link to an operation's id; the values are runtime expressions."""
    target = {"requestBody": body} if body else {"parameters": parameters}
    return {"operationId": operation_id, **target}


def _codes_by_status(errors: Iterable[type[BrokerError]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for error in errors:
        if error.code not in found[status_of(error)]:
            found[status_of(error)].append(error.code)
    return dict(sorted(found.items()))


def envelope_schema(codes: list[str]) -> Document:
    """Return the JSON schema of the error envelope with its possible codes."""
    return {
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "string", "enum": codes},
            "message": {"type": "string"},
        },
    }


class ObjectSchema(TypedDict):
    """The JSON schema of a flat object."""

    type: Literal["object"]
    required: list[str]
    properties: dict[str, Mapping[str, object]]


def object_schema(**properties: str | Mapping[str, object]) -> ObjectSchema:
    """Return the JSON schema of a flat object: names with their types."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": {
            name: {"type": kind} if isinstance(kind, str) else kind
            for name, kind in properties.items()
        },
    }


def table_schema(structure: Iterable[str], **extras: str) -> ObjectSchema:
    """Return the JSON schema of a table with these columns.

    Their types and meanings are the section's `field_meanings`.
    """
    names = list(structure)
    return object_schema(
        structure={"type": "array", "items": {"type": "string", "enum": names}},
        rows={
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [{"title": name} for name in names],
                "minItems": len(names),
                "maxItems": len(names),
            },
        },
        **extras,
    )


PICTURE_SCHEMA = {"type": "string", "contentEncoding": "binary"}
OK_SCHEMA = object_schema(data={"type": "string", "const": "OK"})
OK_ID_SCHEMA = object_schema(data={"type": "string", "const": "OK"}, id="integer")
