"""The whole platform as separate processes that can each be killed, stopped and restarted."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.deployment.proxy import Proxy, find_caddy
from tests.tools.bench.rig import free_port
from tests.tools.chaos.small_disk import Disk, small_disk

if TYPE_CHECKING:
    from runtime.server import PrivateServer
    from runtime.servers import PrivateServers

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "chaos-feed-token-0123456789abcdef"
UNLIMITED = (
    "LIMIT_ADDRESS", "LIMIT_SIGN_ADDRESS", "LIMIT_SIGN_LOGIN", "LIMIT_TRADING",
    "ALERT_FIRINGS_HOUR",
)  # fmt: skip
HOLDER = """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND application_name LIKE 'engine-%'
"""


DOCS = "/static/drf_spectacular_sidecar"  # the largest static files


def docs_folder() -> Path:
    """Return the static files of the API docs alone; only production collects all of them."""
    found = find_spec("drf_spectacular_sidecar")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / DOCS.lstrip("/")


class ManagedProcess:
    """One of the platform's processes, in a process group of its own."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name, self.command = name, command
        self.log = folder / f"{name}.log"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "PGAPPNAME": self.name}
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        """Return whether it ended by itself."""
        return self.child is not None and self.child.poll() is not None

    def send_signal(self, number: signal.Signals) -> None:
        """Signal it and its children, as the end of a container does."""
        if self.child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
        child, self.child = self.child, None
        if child is not None:
            child.wait()


class ManagedServer:
    """A private server. Its children have their own process groups, so all are signalled."""

    def __init__(self, server: "PrivateServer", servers: "PrivateServers") -> None:
        self.name, self.server, self._servers = server.name, server, servers

    def start(self) -> None:
        self.server.prepare()
        self._servers.start(self.server)

    def has_ended(self) -> bool:
        """Return whether it ended by itself."""
        return self.server.has_ended()

    def send_signal(self, number: signal.Signals) -> None:
        child = self.server.child
        if child is None:
            return
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(child.pid)
            for process in (*parent.children(recursive=True), parent):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)

    def kill(self) -> None:
        """Kill only the parent, as a crash does; its children notice it by themselves."""
        if self.server.child is not None:
            self.server.child.kill()
            self.server.child.wait()


class FaultyPlatform:
    """Servers and processes by name; clients use `web` and `stream`.

    Slow ones go through `proxy`, as nothing but it stands in the open; None where Caddy is absent.
    """

    def __init__(self, folder: Path, servers: "PrivateServers", disk: Disk | None) -> None:
        self.disk = disk
        self.proxy: Proxy | None = None
        self.web, self.stream = free_port(), free_port()
        python, manage = sys.executable, [sys.executable, str(ROOT / "manage.py")]
        granian = "-m granian --interface wsgi --workers 2 --blocking-threads 4 --no-ws"
        granian += f" --static-path-route {DOCS} --static-path-mount {docs_folder()}"
        granian += (
            f" --host 127.0.0.1 --port {self.web} --log-level warning config.wsgi:application"
        )
        daphne = f"-m daphne -b 127.0.0.1 -p {self.stream} config.asgi:application"
        celery = "-m celery --quiet -A config worker --pool prefork --concurrency 2"
        celery += " --without-mingle --without-gossip --loglevel WARNING"
        beat = f"-m celery --quiet -A config beat --loglevel WARNING -s {folder}/beat"
        programs = {
            "web": [python, *granian.split()],
            "stream": [python, *daphne.split()],
            "worker": [python, *celery.split()],
            "beat": [python, *beat.split()],
            "feed": [*manage, "run_feed"],
            "engine-1": [*manage, "run_engine"],
            "engine-2": [*manage, "run_engine"],
        }
        self.folder = folder
        self.closing, self.restarts = threading.Event(), list[str]()
        self.programs = {
            name: ManagedProcess(name, words, folder) for name, words in programs.items()
        }
        self.machines = {server.name: ManagedServer(server, servers) for server in servers.servers}

    def start(self) -> None:
        for program in self.programs.values():
            program.start()
        for port in (self.web, self.stream):
            wait_until(partial(_listens, port), 60, "no server listens")
        caddy = find_caddy()
        if caddy:
            self.proxy = Proxy(caddy, self.folder, [self.web], [self.stream])
        threading.Thread(target=self._restart_ended, daemon=True).start()

    def _restart_ended(self) -> None:
        """Restart what ended by itself, as a container's restart policy does."""
        while not self.closing.wait(1.0):
            for program in self.programs.values():
                if program.has_ended():
                    self.restarts.append(program.name)
                    program.kill()
                    program.start()

    def end(self) -> None:
        self.closing.set()
        if self.proxy is not None:
            self.proxy.end()
        for program in self.programs.values():
            program.send_signal(signal.SIGCONT)
            program.kill()

    def process_named(self, name: str) -> ManagedProcess | ManagedServer:
        """Return a process by name; `engine` is the leader at the moment."""
        if name == "engine":
            name = self.leader()
        return self.programs.get(name) or self.machines[name]

    def last_lines(self, count: int = 12) -> str:
        """Return the last lines of every process's log."""
        parts = []
        for name, program in self.programs.items():
            lines = program.log.read_text(errors="replace").splitlines()[-count:]
            parts += [f"--- {name}", *lines]
        return "\n".join(parts)

    def leader(self) -> str:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(HOLDER)
            found = cursor.fetchone()
        return str(found[0]) if found else "engine-1"


def wait_until(condition: Callable[[], object], seconds: float, words: str) -> None:
    """Wait until the condition holds; raise AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, words
        time.sleep(0.1)


@contextmanager
def running_platform(*, small: bool) -> Iterator[FaultyPlatform]:
    """Run a platform with FEED=push on private servers that keep what they committed.

    With `small` PostgreSQL has a disk of its own, if one can be mounted.
    """
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        paths = f"{ROOT}:{ROOT}/platform"
        os.environ |= {"LOCAL_DIR": name, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ |= {"FEED": "push", "FEED_TOKEN": TOKEN, "PYTHONPATH": paths}
        os.environ |= dict.fromkeys(UNLIMITED, "0") | {"LOG_LEVEL": "WARNING"}
        import django

        from runtime.paths import configured_paths
        from runtime.servers import run_private_servers

        with ExitStack() as stack:
            disk = stack.enter_context(small_disk(configured_paths().postgres)) if small else None
            own = run_private_servers(configured_paths(), postgres=True, redis=True)
            servers = stack.enter_context(own)
            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            found = FaultyPlatform(folder, servers, disk)
            try:
                yield found
            finally:
                found.end()


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
