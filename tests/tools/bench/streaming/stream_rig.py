"""Parts of the stream bench: measured servers, the feed, the readers, a plain sender."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.tools.bench.rig import ROOT, await_port, free_port

FLUSH = 0.08  # seconds between two batches of the feed
NAMES = [f"SYM{number:03}" for number in range(100)]
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
# The readers answer no ping.
DAPHNE = "daphne -b 127.0.0.1 -p {port} --access-log /dev/null --ping-interval 600 "
UVICORN = "uvicorn --host 127.0.0.1 --port {port} --log-level critical --ws-ping-interval 600 "
SIDES = {
    "ours": DAPHNE + "config.asgi:application",
    "bare": DAPHNE + "tests.tools.bench.streaming.stream_apps:bare",
    "group": DAPHNE + "tests.tools.bench.streaming.stream_apps:group",
    "uvicorn": UVICORN + "config.asgi:application",
}


class MeasuredServer(NamedTuple):
    """A process under measurement."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of CPU so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Return the resident bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE


@contextmanager
def serve(command: str) -> Iterator[MeasuredServer]:
    """Run the command's server on a free port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *command.format(port=port).split()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/platform"},
    )
    try:
        await_port(port)
        yield MeasuredServer(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def blast_frames(count: int) -> Iterator[int]:
    """Open a port whose `count` connections get frames as fast as one thread writes."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    ended = threading.Event()

    def blast() -> None:
        readers: list[socket.socket] = []
        while len(readers) < count:
            readers.append(listener.accept()[0])
            readers[-1].recv(4096)
            readers[-1].sendall(b"HTTP/1.1 101 \r\n\r\n")
        with suppress(OSError):  # the readers have left
            while not ended.is_set():
                for reader in readers:
                    reader.sendall((b"\x81\x2d" + b"x" * 45) * 8)

    thread = threading.Thread(target=blast, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    ended.set()
    thread.join(timeout=5)
    listener.close()


class BenchFeed:
    """Publishes as the feed does, each quote's bid being the time of its publication."""

    def __init__(self) -> None:
        self._number = 0
        self.publish(len(NAMES))

    def publish(self, count: int) -> None:
        """Publish one batch."""
        from core import redis

        now, begun = round(time.monotonic(), 6), self._number
        self._number += count
        names = [NAMES[number % len(NAMES)] for number in range(begun, self._number)]
        newest = {name: json.dumps([now, 1e9, int(now) * 1000, 0, 1]) for name in names}
        redis.sync_client().hset("quotes", mapping=newest)  # type: ignore[arg-type]  # str keys are fine
        batch = [[name, now, 1e9, int(now)] for name in dict.fromkeys(names)]
        redis.sync_client().publish("quotes", json.dumps(batch))

    def run(self, seconds: float, rate: float) -> None:
        """Publish `rate` quotes a second for that long."""
        due = time.monotonic()
        end, owed = due + seconds, 0.0
        while due < end:
            owed += rate * FLUSH
            self.publish(int(owed))
            owed -= int(owed)
            due += FLUSH
            time.sleep(max(0.0, due - time.monotonic()))


class ReaderProcess:
    """The process that holds the sockets."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.tools.bench.streaming.socket_readers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send_command(self, *command: object) -> None:
        """Send a command whose answer is read later."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def read_answer(self) -> Any:
        """Return the answer to the last command."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline() or "null")

    def ask(self, *command: object) -> Any:
        """Send a command and return its answer."""
        self.send_command(*command)
        return self.read_answer()
