"""The processes of a development machine: what runs, with which words."""

import os
import sys
from pathlib import Path

from django.conf import settings

PYTHON = sys.executable
BEATING = ("worker", "feed", "engine")  # they say themselves when they are ready


def manage(*words: str) -> list[str]:
    return [PYTHON, str(Path(settings.BASE_DIR) / "manage.py"), *words]


def processes() -> dict[str, list[str]]:
    """The command of each process, by its name."""
    web = [PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", str(settings.PORT)]
    web += ["--verbosity", "0"]  # its own access lines would show queries
    # Without a short close timeout an open WebSocket would hold up the end.
    web += ["--application-close-timeout", "2", "config.asgi:application"]
    worker = [PYTHON, "-m", "celery", "--quiet", "-A", "config", "worker", "--beat"]
    worker += ["--loglevel", "INFO", "--pool", "prefork", "--concurrency", "2"]
    worker += ["--without-mingle", "--without-gossip"]
    return {
        "web": web,
        "worker": worker,
        "feed": manage("run_feed"),
        "engine": manage("run_engine"),
    }


def environment() -> dict[str, str]:
    """What every process gets: this one's environment, with `platform/` on the path."""
    path = [str(Path(settings.BASE_DIR) / "platform"), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
