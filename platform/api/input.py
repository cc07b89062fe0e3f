"""The checked parameters of a request: one serializer class per operation."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.filters import JSONListField, join_bracketed
from api.input_fields import IntField, QueryText
from core import json
from core.numbers import BIGGEST

MOST_QUERIES = 1000  # whose checked parameters a process holds
METHODS_WITH_QUERY = ("GET", "HEAD", "DELETE")


# What samples of the public API send besides, whatever the route: none of it has an effect.
IGNORED_NAMES = frozenset(("magic", "platform", "remember"))


class Input(serializers.Serializer[Any]):
    """Base of all inputs. Every client may send its own `login`; null is what is not sent.

    Terminals send records back as they have read them: what an input does not take of its
    `record` is ignored. Other unknown fields are wrong: a misspelt `sl` must not open a
    position without its stop.
    """

    # The names that the record which the operation is about has where it is read.
    record: ClassVar[tuple[str, ...]] = ()

    # Values for the schema that a client of the demo can send as they are, except ids.
    example: ClassVar[dict[str, object]] = {}
    # Whether a query is checked only once: nothing but its text decides what it means.
    by_text_alone: ClassVar[bool] = False
    login = IntField(required=False, min_value=0, help_text="must equal the session's, if sent")

    def to_internal_value(self, data: dict[str, object]) -> dict[str, object]:
        names = self.fields
        if any("[" in name for name in data):
            data = join_bracketed(
                data, [n for n, field in names.items() if isinstance(field, JSONListField)]
            )
        unknown = data.keys() - names.keys() - IGNORED_NAMES - set(self.record)
        if unknown:
            raise ValidationError(dict.fromkeys(sorted(unknown)[:10], "unknown field"))
        if None in data.values():
            data = {n: v for n, v in data.items() if v is not None or is_null_a_value(names, n)}
        found: dict[str, object] = super().to_internal_value(data)
        return found


def is_null_a_value(fields: Mapping[str, object], name: str) -> bool:
    """Return whether null is a value of this field, instead of none."""
    return bool(getattr(fields.get(name), "takes_null", False))


_checked_queries: dict[tuple[type[Input], str], dict[str, Any]] = {}


@cache
def input_checker(input_class: type[Input]) -> Input:
    """Return the input's one instance: to build its fields costs more than to check a request.

    It is used through `run_validation`, which stores nothing in it.
    """
    return input_class()


class NoInput(Input):
    """An operation without parameters of its own."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the checked parameters; mostly there are none."""
        return {} if data == {} else super().run_validation(data)


class PageInput(Input):
    """A page of a list; without `limit` all of it."""

    limit = IntField(required=False, min_value=1, max_value=50_000)
    offset = IntField(required=False, default=0, min_value=0, max_value=BIGGEST // 2)


Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


def page_of(rows: Rows, page: dict[str, Any]) -> Rows:
    """Return the rows that a `PageInput` asks for."""
    offset, limit = page["offset"], page.get("limit")
    return rows[offset:] if limit is None else rows[offset : offset + limit]


def request_parameters(request: Request) -> dict[str, object]:
    """Return the JSON body; where nothing is written or only deleted, the query as well.

    A write takes nothing from its address: other sites can make a browser call any address,
    and addresses are what servers log.

    Raises:
        ValidationError: the body is no object, or a parameter is given twice with different
            values: whichever were taken, the sender may have meant the other.
    """
    if not _has_parameters(request.META):
        return {}
    body = request.data
    if not isinstance(body, dict):
        raise ValidationError("the body must be a JSON object")
    query = request.query_params
    if query and request.method not in METHODS_WITH_QUERY:
        names = sorted(query)[:10]
        raise ValidationError(dict.fromkeys(names, "belongs in the body, not in the address"))
    found = dict(body)
    for name, (text, *others) in query.lists():
        if any(other != text for other in others):
            raise ValidationError({name: "is given twice, with different values"})
        if body.get(name) is None:
            found[name] = QueryText(text)
        elif not _means_same(text, body[name]):
            raise ValidationError({name: "is another in the body than in the address"})
    return found


def checked_parameters(request: Request, input_class: type[Input]) -> dict[str, Any]:
    """Return the parameters of the request as the input has checked them.

    Raises:
        ValidationError: they are not valid.
    """
    key = None
    if input_class.by_text_alone and request.method == "GET" and not _has_body(request.META):
        key = input_class, request.META.get("QUERY_STRING", "")
    known = _checked_queries.get(key) if key else None
    if known is not None:
        return dict(known)
    checked = input_checker(input_class).run_validation(request_parameters(request))
    if key and all(isinstance(value, int | str) for value in checked.values()):
        if len(_checked_queries) >= MOST_QUERIES:
            _checked_queries.clear()
        _checked_queries[key] = dict(checked)
    return dict(checked)


def _has_parameters(meta: dict[str, object]) -> bool:
    """Return whether there is a body or a query at all, as DRF decides it."""
    return _has_body(meta) or bool(meta.get("QUERY_STRING"))


def _has_body(meta: dict[str, object]) -> bool:
    return meta.get("CONTENT_LENGTH", meta.get("HTTP_CONTENT_LENGTH", "")) not in ("", "0")


def _means_same(text: str, value: object) -> bool:
    """Return whether the query's text stands for the value in the body."""
    return text == (value if isinstance(value, str) else json.dumps(value).decode())
