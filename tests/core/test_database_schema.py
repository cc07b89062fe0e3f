"""The migrations make the schema that schema.txt names, whatever is squashed or written by hand."""

import pytest
from django.db import connection

from tests.core import schema

pytestmark = pytest.mark.django_db


def test_the_migrated_database_has_the_schema_of_the_file() -> None:
    with connection.cursor() as cursor:
        found = schema.read_schema(cursor)
    assert found == schema.FILE.read_text().splitlines(), f"see {schema.__name__}"


def test_an_object_missing_from_the_file_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX extra ON accounts_user (name) WHERE login > 5")
        cursor.execute("ALTER TABLE accounts_user ALTER name SET DEFAULT 'x'")
        cursor.execute("DROP TRIGGER audit_entry_stands ON audit_entry")
        found = set(schema.read_schema(cursor))
    known = set(schema.FILE.read_text().splitlines())
    added = "accounts_user index CREATE INDEX extra ON public.accounts_user USING btree (name)"
    assert {line.split(" WHERE ")[0] for line in found - known if "index" in line} == {added}
    assert [line for line in found - known if line.endswith("DEFAULT 'x'::character varying")]
    assert [line.split()[1] for line in known - found if "trigger" in line] == ["trigger"]
