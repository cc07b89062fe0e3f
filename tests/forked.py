"""Runs of `manage.py` and the like in forks of one process that has loaded the libraries.

To start a process that knows Django costs a second of CPU, of which two thirds are libraries that
need no settings. A fork has its own environment, arguments and folder before the first line of the
platform is loaded, as a new process has; those tests that ask about the start itself, or about
what runs before it, start new ones.
"""

import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
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
START = "import sys; from tests import forked; forked.serve(int(sys.argv[1])).begin()"


def run(
    words: list[str], env: Mapping[str, str], timeout: float = 60
) -> "subprocess.CompletedProcess[str]":
    """Return what `python *words` wrote and its exit code; words are of a script, `-c` or `-m`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = fork(words, env, (out, err), waits=True, timeout=timeout)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(words, code, *texts)


def start(words: list[str], env: Mapping[str, str], log: IO[bytes]) -> int:
    """Begin to run `python *words`, which writes to `log`; return the process's number."""
    return fork(words, env, (log, log), waits=False)


def fork(
    words: list[str],
    env: Mapping[str, str],
    files: tuple[IO[bytes], IO[bytes]],
    *,
    waits: bool,
    timeout: float = 60,
) -> int:
    """Have a fork run; return its exit code if the parent `waits` for its end, else its number."""
    channel = parent()
    request = json.dumps([words, dict(env), waits]).encode() + b"\n"
    channel.settimeout(None)
    socket.send_fds(channel, [request], [file.fileno() for file in files])
    channel.settimeout(timeout)
    return int(channel.recv(16))


@cache
def parent() -> socket.socket:
    """Start the process that forks; it ends when this one closes its end of the channel."""
    here, there = socket.socketpair()
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

    def __init__(self, words: list[str], env: dict[str, str]) -> None:
        self.words, self.env = words, env

    def begin(self) -> None:
        """Do what `python *words` does; its end is the end of the process."""
        os.environ.clear()
        os.environ.update(self.env)
        time.tzset()
        first, *others = self.words
        path = self.env.get("PYTHONPATH", "")
        own = {*sys.argv[2:], str(ROOT), str(ROOT / "platform"), ""}
        found = [folder for folder in sys.path if folder not in own]
        sys.path[:] = [str(ROOT) if first != "-c" else "", *filter(None, path.split(":")), *found]
        if first == "-c":
            sys.argv = ["-c", *others[1:]]
            exec(compile(others[0], "<string>", "exec"), {"__name__": "__main__"})
        elif first == "-m":
            sys.argv = others
            runpy.run_module(others[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = self.words
            runpy.run_path(first, run_name="__main__")


def serve(number: int) -> Child:
    """Fork for each request, and tell its end or its number; return in the forks alone."""
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()
    with socket.socket(fileno=number) as channel:
        while True:
            (*asked, waits), fds = receive(channel)
            pid = os.fork()
            if pid == 0:
                break
            for fd in fds:
                os.close(fd)
            # Others stay zombies when they end, so that no other process gets their number.
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if waits else pid
            with suppress(BrokenPipeError):
                channel.sendall(b"%d" % ended)
    for fd, standard in zip(fds, (1, 2), strict=True):
        os.dup2(fd, standard)
        os.close(fd)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return Child(*asked)


def receive(channel: socket.socket) -> tuple[Any, list[int]]:
    """Return the next request with its two files; the process ends where there is none."""
    text, fds, *_ = socket.recv_fds(channel, 1 << 20, 2)
    while text and not text.endswith(b"\n"):
        text += channel.recv(1 << 20)
    if not text:
        os._exit(0)
    return json.loads(text), fds
