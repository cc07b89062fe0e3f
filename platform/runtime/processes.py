"""The processes of a development machine and their command lines."""

import os
import sys
from pathlib import Path

from django.conf import settings

PYTHON = sys.executable
HEARTBEAT_PROCESSES = ("worker", "feed", "engine")  # they report themselves that they are ready


def manage_command(*arguments: str) -> list[str]:
    """Return the command line that runs `manage.py` with these arguments."""
    return [PYTHON, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def process_commands() -> dict[str, list[str]]:
    """Return the command line of each process by its name."""
    web = [PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", str(settings.PORT)]
    web += ["--verbosity", "0"]  # its access log would contain query strings
    # Without a short close timeout an open WebSocket would delay the end.
    web += ["--application-close-timeout", "2", "config.asgi:application"]
    worker = [PYTHON, "-m", "celery", "--quiet", "-A", "config", "worker", "--beat"]
    worker += ["--loglevel", "INFO", "--pool", "prefork", "--concurrency", "2"]
    worker += ["--without-mingle", "--without-gossip"]
    return {
        "web": web,
        "worker": worker,
        "feed": manage_command("run_feed"),
        "engine": manage_command("run_engine"),
    }


def process_environment() -> dict[str, str]:
    """Return the environment of every process: this one's, with `platform/` importable."""
    path = [str(Path(settings.BASE_DIR) / "platform"), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
