"""Three workers that are killed and restarted, on the database and Redis of this process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

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
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.alerts.evaluation.killed_worker",
                f"worker {number}",
                str(end),
            ],
            cwd=ROOT,
            env=environment,
        )
        for number in range(WORKERS)
    ]
    try:
        yield
    finally:
        end.touch()
        for worker in workers:
            worker.wait(WAIT)
