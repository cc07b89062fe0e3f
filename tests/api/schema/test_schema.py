"""The committed OpenAPI document equals the one generated from the routes."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from api.schema.tags import TAGS
from tests.api.schema.conformance_checks import shown_operations

pytestmark = pytest.mark.django_db  # of the request for the document
# A feed has to run, a file has to be sent.
NOT_PLAYED = {"POST /feed/quotes", "POST /upload"}


def test_the_committed_schema_has_not_drifted() -> None:
    made = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=made)
    committed = Path(settings.BASE_DIR, "docs", "openapi.yaml").read_text(encoding="utf-8")
    assert made.getvalue().strip() == committed.strip(), (
        "run: manage.py spectacular --file docs/openapi.yaml"
    )


def document_operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Label and definition of each operation that the document shows."""
    for _, operation in shown_operations():
        yield operation.label, operation.definition.raw


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all schemas within it."""
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from parts_of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from parts_of(part)


def type_of(column: dict[str, Any]) -> set[str]:
    """The key that a column's schema needs; the value of a setting is any JSON."""
    return set() if column["title"] == "value" else {"type"}


def test_every_column_of_a_row_has_a_type_and_a_meaning() -> None:
    missing = [
        f"{label}: {column.get('title')}"
        for label, raw in document_operations()
        for part in parts_of(raw["responses"].get("200"))
        for column in part.get("prefixItems", ())
        if "title" in column and not {"description", *type_of(column)} <= set(column)
    ]
    assert not missing, "name them in the section's api/field_meanings.py"


def test_every_parameter_says_what_it_is() -> None:
    missing = [
        f"{label}: {parameter['name']}"
        for label, raw in document_operations()
        for parameter in raw.get("parameters", ())
        if parameter.get("in") == "query" and not parameter.get("description")
    ]
    assert not missing


def test_every_operation_belongs_to_a_section_of_the_api() -> None:
    sections = {tag["name"] for tag in TAGS}
    assert {tag for _, raw in document_operations() for tag in raw["tags"]} <= sections


def test_every_answer_in_json_has_an_example() -> None:
    missing = [
        label
        for label, raw in document_operations()
        for kind, content in raw["responses"]["200"]["content"].items()
        if kind == "application/json" and "example" not in content
    ]
    assert set(missing) <= NOT_PLAYED


def test_post_and_put_are_shown_once_with_the_other_as_their_synonym() -> None:
    shown = {label: raw.get("x-synonym") for label, raw in document_operations()}
    assert shown["POST /trade/open"] == "PUT"
    assert shown["PUT /trade/modify"] == "POST"
    assert {label for label, synonym in shown.items() if synonym} == {
        label for label in shown if label.startswith(("POST", "PUT"))
    }
