"""A real daphne as a child process, against the run's database and Redis."""

import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from tests import forked

WITHIN = 15.0  # seconds


class StreamServer:
    """daphne on a free port; `log` is all its output."""

    def __init__(self, **environment: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self.listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ws"
        self._log = tempfile.NamedTemporaryFile(suffix=".log")  # noqa: SIM115 - closed in stop
        # Connections wait in the listener's queue until daphne is ready: nothing to poll.
        words = ["-m", "daphne", "--fd", str(forked.INHERITED), "config.asgi:application"]
        env, log = {**os.environ, **self._environment(), **environment}, self._log
        inherited = [self.listener.fileno()]
        self.process = forked.Process(words, env, (log, log), inherited=inherited)
        self.listener.close()

    def _environment(self) -> dict[str, str]:
        address = urlsplit(settings.DATABASE_URL)
        database = address._replace(path=f"/{connection.settings_dict['NAME']}")
        return {
            "PYTHONPATH": str(settings.BASE_DIR / "platform"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database.geturl(),
            "REDIS_URL": settings.REDIS_URL,
        }

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def stop(self) -> str:
        """Stop it as a supervisor would; return its output."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        text = self.log()
        self._log.close()
        return text
