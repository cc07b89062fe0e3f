"""Processes of `manage.py` and the like, as forks of one that has loaded the libraries.

To start a process that knows Django costs a second of CPU, of which two thirds are libraries that
need no settings. A fork has its own environment, arguments and folder before the first line of the
platform is loaded, as a new process has; those tests that ask about the start itself, or about
what runs before it, start new ones.
"""

import faulthandler
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zoneinfo
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from tests.runtime.process_helpers import PYTHON, ROOT

# What the platform imports and what asks for no settings when it is imported.
LIBRARIES = (
    "celery.app.amqp", "celery.app.task", "celery.schedules", "celery.signals",
    "corsheaders.middleware", "django.contrib.admin.options", "django.contrib.admin.views.main",
    "django.contrib.staticfiles.checks", "django.core.management.commands.check",
    "django.db.backends.postgresql.base", "django.db.migrations.autodetector",
    "django.db.migrations.writer", "django.test", "drf_spectacular.utils", "environ", "jwt",
    "numpy.typing", "orjson", "prometheus_client", "psycopg_pool", "pyotp", "redis.asyncio",
    "rest_framework.serializers", "segno", "whitenoise.middleware", "xlsxwriter",
)  # fmt: skip
INHERITED = 100  # the first number
ASKING = threading.Lock()
START = "import sys; from tests import forked; forked.serve(int(sys.argv[1])).begin()"


def run(
    words: list[str], env: Mapping[str, str], timeout: float = 60, folder: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """Return what `python *words` wrote and its exit code; words are of a script, `-c` or `-m`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = Process(words, env, (out, err), folder)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        return subprocess.CompletedProcess(words, code, read_all(out), read_all(err))


def read_all(file: IO[bytes]) -> str:
    """Return what was written, without moving the place where a process writes on."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()


class Process:
    """A fork that does what `python *words` does, in a session of its own; as a Popen.

    Of `inherited` files it has the first as number 100, the second as 101 and so on.
    """

    def __init__(
        self,
        words: list[str],
        env: Mapping[str, str],
        files: tuple[IO[bytes], IO[bytes]],
        folder: Path = ROOT,
        inherited: Sequence[int] = (),
    ) -> None:
        self.words = words
        self.returncode: int | None = None
        fds = [*(file.fileno() for file in files), *inherited]
        self.pid = int(ask([words, dict(env), str(folder)], fds))

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None:
            code = ask([self.pid])
            self.returncode = None if code == b"-" else int(code)
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        """Return the exit code at its end.

        Raises:
            subprocess.TimeoutExpired: it still runs after so many seconds.
        """
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.words, timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def words_of(command: Sequence[str]) -> list[str]:
    """Return the words for a command, which names an interpreter or a script of its packages."""
    first, *others = command
    return list(others) if Path(first).name.startswith("python") else [first, *others]


def ask(request: list[Any], fds: Sequence[int] = ()) -> bytes:
    """Return the forking parent's answer; one request at a time."""
    with ASKING:
        channel = parent()
        socket.send_fds(channel, [json.dumps(request).encode() + b"\n"], fds)
        return channel.recv(16)


@cache
def parent() -> socket.socket:
    """Start the process that forks; it ends when this one closes its end of the channel."""
    here, there = socket.socketpair()
    here.settimeout(60)
    path = f"{ROOT}:{ROOT / 'platform'}"
    subprocess.Popen(
        [PYTHON, "-c", START, str(there.fileno())],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        pass_fds=(there.fileno(),),
    )
    there.close()
    return here


class Child:
    """A fork that has not begun yet."""

    def __init__(self, words: list[str], env: dict[str, str], folder: str) -> None:
        self.words, self.env, self.folder = words, env, folder

    def begin(self) -> None:
        """Do what `python *words` does; its end is the end of the process."""
        self._take_environment()
        first, *others = self.words
        path = self.env.get("PYTHONPATH", "")
        own = {*sys.argv[2:], str(ROOT), str(ROOT / "platform"), ""}
        found = [folder for folder in sys.path if folder not in own]
        start = "" if first.startswith("-") else str(Path(first).absolute().parent)
        sys.path[:] = [start, *filter(None, path.split(":")), *found]
        if first == "-c":
            sys.argv = ["-c", *others[1:]]
            exec(compile(others[0], "<string>", "exec"), {"__name__": "__main__"})
        elif first == "-m":
            sys.argv = others
            runpy.run_module(others[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = self.words
            runpy.run_path(first, run_name="__main__")

    def _take_environment(self) -> None:
        """Do what an interpreter and the libraries do at their start."""
        os.setsid()
        os.chdir(self.folder)
        # Under nohup the tests ignore it, and so would what they start.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(self.env)
        time.tzset()
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
        sys.dont_write_bytecode = bool(self.env.get("PYTHONDONTWRITEBYTECODE"))
        if self.env.get("PYTHONFAULTHANDLER"):
            faulthandler.enable()
        if self.env.get("PYTHONUNBUFFERED"):
            for stream in (sys.stdout, sys.stderr):
                stream.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr]


def serve(number: int) -> Child:
    """Fork for each request, and tell its number, or how it ended; return in the forks alone."""
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()
    with socket.socket(fileno=number) as channel:
        while True:
            request, fds = receive(channel)
            if fds:
                answer: int | None = os.fork()
                if answer == 0:
                    break
                for fd in fds:
                    os.close(fd)
            else:
                answer = end_of(*request)
            with suppress(BrokenPipeError):
                channel.sendall(b"-" if answer is None else b"%d" % answer)
    for fd, own in zip(fds, (1, 2, *range(INHERITED, INHERITED + len(fds))), strict=False):
        os.dup2(fd, own)
        os.close(fd)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return Child(*request)


def end_of(pid: int) -> int | None:
    """Return a fork's exit code, or None while it runs."""
    # Forks stay zombies until they are asked for, so that no other process gets their number.
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def receive(channel: socket.socket) -> tuple[Any, list[int]]:
    """Return the next request with its files; the process ends where there is none."""
    text, fds, *_ = socket.recv_fds(channel, 1 << 20, 8)
    while text and not text.endswith(b"\n"):
        text += channel.recv(1 << 20)
    if not text:
        os._exit(0)
    return json.loads(text), fds
