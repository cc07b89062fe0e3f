"""The whole platform as a newcomer starts it, in its own folder and on its own port."""

import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests import forked
from tests.realtime.stream_client import StreamClient
from tests.runtime.process_helpers import (
    PYTHON,
    ROOT,
    child_environment,
    free_port,
    has_ended,
    wait_until,
)

READY_WITHIN = 90.0
PROCESSES = ("web", "worker", "feed", "engine")


class Platform:
    """A running platform; `log` holds its lines."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = child_environment(folder, PORT=str(self.port), **variables)
        self.start()

    def start(self) -> None:
        """Start `manage.py up` in the folder, with an empty log and nobody signed in."""
        self.log: list[str] = []
        self.clients: dict[int, SignedInClient] = {}
        self.process = subprocess.Popen(
            [PYTHON, "manage.py", "up"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=[self.process], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        wait_until(
            lambda: self.has_logged("ready: ") or self.process.poll() is not None, READY_WITHIN
        )
        assert self.has_logged(f"ready: {self.url}/"), "\n".join(self.log[-40:])

    def has_logged(self, text: str) -> bool:
        return any(text in line for line in self.log)

    def pid(self, name: str) -> int:
        return int((self.folder / "pids" / name).read_text())

    def kill(self, name: str) -> None:
        """Send SIGKILL, and wait until `up` has started it again."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: has_ended(pid), 10)
        wait_until(lambda: self._pid_or_none(name) not in (None, pid), 20)

    def end(self) -> tuple[int, float]:
        """Send SIGTERM; return exit code and seconds. No process may be left."""
        pids = [self.pid(name) for name in PROCESSES]
        started = time.monotonic()
        self.process.terminate()
        code = self.process.wait(timeout=20)
        taken = time.monotonic() - started
        assert all(has_ended(pid) for pid in pids)
        return code, taken

    def manage(self, *words: str) -> str:
        """Return what a management command prints, on this platform's servers."""
        done = forked.run(["manage.py", *words], self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sign_in(self, login: int) -> "SignedInClient":
        """Return a client of the login, signed in once since the start."""
        if login not in self.clients:
            self.clients[login] = SignedInClient(self, login)
        return self.clients[login]

    def _pid_or_none(self, name: str) -> int | None:
        try:
            return self.pid(name)
        except (FileNotFoundError, ValueError):
            return None

    def _read(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            self.log.append(line.rstrip())


class SignedInClient:
    """A client signed in over HTTP."""

    def __init__(self, platform: Platform, login: int) -> None:
        self.platform, self.login, self.token = platform, login, ""
        answer = self.call("POST", "/sign/in", login=login, password="demo1234")
        self.token = answer["__token"]

    def call(self, method: str, path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            self.platform.url + path,
            data=json.dumps(body).encode() if body else None,
            method=method,
            headers={"Authorization": self.token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            error.msg = f"{error.msg}: {error.read().decode()}"
            raise

    def quote(self, symbol: str) -> tuple[float, float]:
        """Return bid and ask."""
        asset = self.call("GET", "/market")["assets"][symbol]
        return asset["bid"], asset["ask"]

    def stream(self) -> StreamClient:
        """Return an authorized socket."""
        socket = StreamClient(f"ws://127.0.0.1:{self.platform.port}/ws")
        assert socket.ask({"authorization": self.token})["success"] is True
        return socket
