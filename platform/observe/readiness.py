"""Whether this process can serve: database, migrations, Redis, and the lags of feed and engine."""

from collections.abc import Callable, Iterator
from functools import cache

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from backoffice import health
from backoffice.health import Check
from observe.patience import Late, Question

WITHIN = 2.0  # seconds that each part gets
FRESH = 0.5  # seconds for which an answer serves everybody who asks
JUDGED = {"feed": "READY_FEED_AGE", "engine": "READY_ENGINE_LAG"}  # process → setting; 0: not


def of_database() -> list[Check]:
    """The database, and whether it is as this release wants it."""
    answers = health.database()
    return [answers, *([migrations()] if answers.ok else [])]


def migrations() -> Check:
    """Whether all migrations of this release were applied; later ones do not matter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return Check("migrations", False, "none is applied")
        cursor.execute("SELECT app, name FROM django_migrations")
        missing = wanted() - set(cursor.fetchall())
    words = f"{len(missing)} not applied" if missing else "applied"
    return Check("migrations", not missing, words)


@cache
def wanted() -> frozenset[tuple[str, str]]:
    """App and name of every migration of this release."""
    return frozenset(MigrationLoader(None).graph.nodes)


def of_redis() -> list[Check]:
    """Redis alone: without it nothing is known of the others."""
    return [health.cache()]


def of_others() -> list[Check]:
    """The processes that this one's answers depend on, and how far they are behind."""
    if not health.cache().ok:
        return []
    judged = [name for name, setting in JUDGED.items() if getattr(settings, setting)]
    return [*map(health.process, judged), *health.of_sections()]


def question(ask: Callable[[], list[Check]]) -> Question[list[Check]]:
    return Question(ask, within=WITHIN, fresh=FRESH)


PARTS = {
    "database": question(of_database),
    "Redis": question(of_redis),
    "feed and engine": question(of_others),
}


def checks() -> Iterator[Check]:
    """All of them, in little more than WITHIN seconds."""
    for part in PARTS.values():
        part.ask()
    for name, part in PARTS.items():
        try:
            yield from part.answer()
        except Late:
            yield Check(name, False, "does not answer in time")
        except Exception as error:  # noqa: BLE001 - whatever failed, this is not ready
            yield Check(name, False, f"failed ({type(error).__name__})")
