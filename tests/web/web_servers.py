"""The two HTTP servers, started as in production and by `make run`."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from runtime import processes
from tests import forked
from tests.deployment import compose
from tests.runtime.process_helpers import free_port, wait_until
from tests.web.raw_requests import Answer, exchange, request

BIN = str(Path(sys.executable).parent)
NAMES = ("granian", "daphne")


class WebServer:
    """One of them on a free port, on the run's database and Redis; `log` is all its output."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, free_port()
        self._log = tempfile.NamedTemporaryFile(suffix=".log")  # noqa: SIM115 - closed in stop
        self._static = tempfile.TemporaryDirectory()
        environment = {**processes.process_environment(), **self._servers()}
        words, log = forked.words_of(self._command()), self._log
        self.process = forked.Process(words, environment, (log, log))
        wait_until(self.is_serving, 60)

    def _command(self) -> list[str]:
        if self.name == "daphne":
            words = processes.process_commands()["web"]
            return [str(self.port) if word == str(settings.PORT) else word for word in words]
        words = list(compose.services()["web"].command)
        changes = {"=8000": f"={self.port}", "=0.0.0.0": "=127.0.0.1"}
        changes["=/app/staticfiles"] = f"={self._static.name}"
        for container, here in changes.items():
            words = [word.replace(container, here) for word in words]
        return [shutil.which(words[0], path=BIN) or words[0], *words[1:]]

    def _servers(self) -> dict[str, str]:
        address = urlsplit(settings.DATABASE_URL)
        database = address._replace(path=f"/{connection.settings_dict['NAME']}")
        return {"DATABASE_URL": database.geturl(), "REDIS_URL": settings.REDIS_URL}

    def is_serving(self) -> bool:
        """Return whether it serves; fail if it has ended."""
        assert self.process.poll() is None, self.log()
        try:
            return exchange(self.port, request("GET", "/healthz")).status == 200
        except OSError:
            return False

    def send(self, raw: bytes | Iterable[bytes]) -> Answer:
        """Return its answer to these bytes."""
        return exchange(self.port, raw)

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def lines_since(self, count: int) -> list[str]:
        """Return the lines after that many; wait for the first, as an answer may be quicker."""
        wait_until(lambda: self.log().count("\n") > count)
        return self.log().splitlines()[count:]

    def stop(self) -> str:
        """Stop it as a supervisor would; return its output."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        text = self.log()
        self._log.close()
        self._static.cleanup()
        return text
