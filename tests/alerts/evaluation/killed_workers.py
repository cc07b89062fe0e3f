"""Three workers that are killed and restarted, on the database and Redis of this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from tests import forked

ROOT = Path(__file__).resolve().parents[3]
WORKERS, WAIT = 3, 60  # seconds until a worker must have ended


@contextmanager
def killed_workers(folder: Path) -> Iterator[None]:
    """Keep the workers running, dying and restarted while the block runs; `folder` is theirs."""
    end = folder / "end"
    database = settings.DATABASES["default"]
    host = quote(database["HOST"], safe="")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "DATABASE_URL": f"postgresql://{database['USER']}@{host}:{database['PORT']}/"
        f"{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "ALERT_FIRINGS_HOUR": "0",  # the oracle looks at each alert alone
    }
    workers = []
    for number in range(WORKERS):
        words = ["-m", "tests.alerts.evaluation.killed_worker", f"worker {number}", str(end)]
        with (folder / f"worker-{number}.log").open("wb") as log:
            workers.append(forked.Process(words, environment, (log, log)))
    try:
        yield
    finally:
        end.touch()
        for worker in workers:
            worker.wait(WAIT)
