"""The test database: cloned from a template, and restored after each test that commits.

The template is migrated once and kept in the cluster under a name made of the migrations. Tests
that commit are followed by the removal of the rows that they have left instead of Django's
`flush`, which truncates every table and makes all permissions anew (1 to 1.6 s a test).
"""

import hashlib
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "tests_template_"
VACUUM_ABOVE = 1 << 20  # bytes of a table after which its removed rows would slow the next tests


def template_name() -> str:
    """Return the template's name: a hash over all migrations and the version of Django."""
    digest = hashlib.sha256(django.__version__.encode())
    for app in sorted(apps.get_app_configs(), key=lambda one: one.label):
        for path in sorted(Path(app.path).glob("migrations/*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def use_template() -> None:
    """Have the next test database cloned from the template, which is created if it is not there."""
    name = template_name()
    ensure_template(connection, name)
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def ensure_template(database: BaseDatabaseWrapper, name: str) -> None:
    """Create and migrate the template unless it is there; drop those of other migrations."""
    with database._nodb_cursor() as cursor:
        if settings.OWN_DATABASE:  # statistics would come and go with the order of the tests
            cursor.execute("ALTER SYSTEM SET autovacuum = off")
            cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("SELECT pg_advisory_lock(1)")  # of several workers one creates it
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        found = {row[0] for row in cursor.fetchall()}
        for other in found - {name}:
            cursor.execute(f'DROP DATABASE "{other}" WITH (FORCE)')
        if name not in found:
            create_migrated(database, f"{name}_new")
            cursor.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')


def create_migrated(database: BaseDatabaseWrapper, name: str) -> None:
    """Create a database of that name with all migrations applied, and leave it."""
    own, test = database.settings_dict["NAME"], database.settings_dict["TEST"]
    database.settings_dict["TEST"] = {**test, "NAME": name, "TEMPLATE": None}
    try:
        database.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        database.close()
        database.close_pool()  # type: ignore[attr-defined]
        database.settings_dict["TEST"] = test
        database.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = own


class Restorer:
    """Brings a database back to the rows that it had when this was made."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            self.tables = [row[0] for row in cursor.fetchall()]
            self.originals = {name: read_table(cursor, name) for name in self._filled(cursor)}

    def restore(self) -> None:
        """Remove every row that tests have added, and put back what they have changed."""
        with connection.cursor() as cursor:
            filled = set(self._filled(cursor))
            now = {name: read_table(cursor, name) for name in self.originals}
            changed = [name for name in now if now[name] != self.originals[name]]
            dirty = [*(filled - set(now)), *changed]
            if not dirty:
                return
            with transaction.atomic():
                # As a replica PostgreSQL asks no foreign key and fires no trigger that keeps rows.
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute("; ".join(f'DELETE FROM public."{name}"' for name in dirty))
                for name in changed:
                    write_table(cursor, name, self.originals[name])
            for name in self._large(cursor, dirty):
                cursor.execute(f'VACUUM public."{name}"')

    def _filled(self, cursor: Any) -> list[str]:
        """Return the tables that have rows."""
        asked = (f"SELECT '{n}' WHERE EXISTS (SELECT FROM public.\"{n}\")" for n in self.tables)
        cursor.execute(" UNION ALL ".join(asked))
        return [row[0] for row in cursor.fetchall()]

    def _large(self, cursor: Any, names: list[str]) -> list[str]:
        """Return which of the tables take much room."""
        found = (
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_relation_size(oid) > %s"
        )
        cursor.execute(found, [names, VACUUM_ABOVE])
        return [row[0] for row in cursor.fetchall()]


def read_table(cursor: Any, name: str) -> bytes:
    """Return all rows of a table as COPY writes them."""
    with cursor.copy(f'COPY public."{name}" TO STDOUT') as copy:
        return b"".join(copy)


def write_table(cursor: Any, name: str, rows: bytes) -> None:
    """Add rows as `read_table` has read them."""
    with cursor.copy(f'COPY public."{name}" FROM STDIN') as copy:
        copy.write(rows)
