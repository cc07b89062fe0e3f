"""What the fields of requests and responses mean: their type, unit and values, by their names.

Each section declares the meanings of its names as `field_meanings` of its config; those here belong
to the whole API.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache

from api.schema.operation import Document
from core.sections import list_configs, load_contribution

FieldSchema = Document
FieldMeanings = Mapping[str, FieldSchema]
ENUM_KEYS = ("enum", "x-enum-varnames")
NESTED_SCHEMAS = ("items", "additionalProperties", "oneOf", "anyOf", "allOf")


def integer(description: str) -> FieldSchema:
    """Return the schema of a whole number."""
    return {"type": "integer", "description": description}


def number(description: str) -> FieldSchema:
    """Return the schema of a number."""
    return {"type": "number", "description": description}


def text(description: str) -> FieldSchema:
    """Return the schema of a text."""
    return {"type": "string", "description": description}


def flag(description: str) -> FieldSchema:
    """Return the schema of 0 or 1."""
    return {"type": "integer", "enum": [0, 1], "description": description}


def unix_time(description: str) -> FieldSchema:
    """Return the schema of a time in unix seconds."""
    return integer(f"unix seconds: {description}")


def nullable(schema: FieldSchema) -> FieldSchema:
    """Return the schema of the same value or null."""
    return {**schema, "type": [schema["type"], "null"]}


def enum_value(values: type[Enum], description: str = "") -> FieldSchema:
    """Return the schema of a value of the enum, with the meaning of each."""
    labels = {one: getattr(one, "label", one.name.lower().replace("_", " ")) for one in values}
    meanings = ", ".join(f"{one.value} {label}" for one, label in labels.items())
    return {
        "type": "integer" if issubclass(values, int) else "string",
        "enum": [one.value for one in values],
        "x-enum-varnames": [one.name for one in values],
        "description": f"{description}: {meanings}" if description else meanings,
    }


COMMON_MEANINGS: FieldMeanings = {
    "login": integer("the account's number, with which its client signs in"),
    "limit": integer("most rows of the answer"),
    "offset": integer("rows that are left out before it"),
    "count": integer("rows of all pages"),
    "structure": {"description": "the columns of `rows`, in their order"},
    "rows": {"description": "one array of values a row, in the order of `structure`"},
    "data": {"description": "OK: it is done"},
    "seq": integer("sequence number of the account's events, without gaps"),
    "time": unix_time("when it happened"),
    "comment": text("a note of the client's"),
}


def meanings_of_view(view: object) -> FieldMeanings:
    """Return the meanings of a view's own names, its section's and those of the whole API."""
    own: FieldMeanings = getattr(view, "field_meanings", {})
    return {**_meanings_of(type(view).__module__.partition(".")[0]), **own}


@cache
def _meanings_of(app: str) -> FieldMeanings:
    for config in list_configs():
        if config.name == app and config.field_meanings:
            return {**COMMON_MEANINGS, **load_contribution(config, "field_meanings")}
    return COMMON_MEANINGS


def describe_schema(schema: FieldSchema, meanings: FieldMeanings) -> FieldSchema:
    """Return the schema with what its named parts mean.

    What a schema says itself stays. A column of a row is named by its title.
    """
    described = dict(schema)
    for name, part in schema.get("properties", {}).items():
        described["properties"] = {
            **described["properties"],
            name: describe_schema(add_meaning(part, meanings.get(name)), meanings),
        }
    for name in NESTED_SCHEMAS:
        part = schema.get(name)
        if isinstance(part, dict):
            described[name] = describe_schema(part, meanings)
        elif isinstance(part, list):
            described[name] = [describe_schema(each, meanings) for each in part]
    if "prefixItems" in schema:
        columns = schema["prefixItems"]
        described["prefixItems"] = [
            describe_column(column, meanings.get(column.get("title", ""))) for column in columns
        ]
    return described


def add_meaning(schema: FieldSchema, meaning: FieldSchema | None) -> FieldSchema:
    """Return the schema of a field with its meaning, where both are of the same type.

    A field that is null at times stays so, and an enum replaces the bounds of its numbers.
    """
    if meaning is None or "$ref" in schema or "description" in schema:
        return schema
    kinds = [kind for kind in _types_of(schema) if kind != "null"]
    meant = set(_types_of(meaning))
    if kinds and meant and not set(kinds) <= meant:
        numeric = {"integer", "number"} >= {*kinds, *meant}
        return {**schema, "description": meaning["description"]} if numeric else schema
    added = {name: value for name, value in meaning.items() if name not in schema}
    if "null" in _types_of(schema) and "enum" in added:
        added["enum"] = [*added["enum"], None]
        added.pop("x-enum-varnames", None)
    bounds = ("minimum", "maximum", "format") if "enum" in added else ()
    return {name: value for name, value in schema.items() if name not in bounds} | added


def describe_column(column: FieldSchema, meaning: FieldSchema | None) -> FieldSchema:
    """Return the schema of a column with its type and meaning.

    Its enum is in words only: generated clients take the cells of a row for one type together.
    """
    described = add_meaning(column, meaning)
    return {name: value for name, value in described.items() if name not in ENUM_KEYS}


def _types_of(schema: FieldSchema) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)
