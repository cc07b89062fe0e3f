"""Servers under test on loopback, and wrk's figures of them."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 3
UNLIMITED = {"LIMIT_ADDRESS": "0", "LIMIT_TRADING": "0"}
READER, WRITER = 700001, 700002  # logins
APPLICATIONS = {
    "ours": "config.wsgi:application",
    "floor": "tests.tools.bench.floor:application",
    "peer": "tests.tools.bench.peer_wsgi:application",
}
SERVERS = {
    "gunicorn": "gunicorn -w 1 -k gthread --threads 2 --keep-alive 60 -b 127.0.0.1:{port} {app}",
    "granian": "granian --interface wsgi --workers 1 --blocking-threads 2 --no-ws --host 127.0.0.1"
    " --log-level warning --port {port} {app}",
    "uvicorn": "uvicorn --host 127.0.0.1 --port {port} --log-level warning"
    " tests.tools.bench.asgi:application",
    "daphne": "daphne -b 127.0.0.1 -p {port} --access-log /dev/null"
    " tests.tools.bench.asgi:application",
}


@contextmanager
def serve(server: str, side: str, **environment: str) -> Iterator[int]:
    """Run one of APPLICATIONS behind the server, on a free port."""
    port = free_port()
    command = SERVERS[server].format(port=port, app=APPLICATIONS[side]).split()
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT}/platform"}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **UNLIMITED, **paths, "BENCH_SIDE": side, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        await_port(port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    """Return a port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int) -> None:
    """Wait until the port is open."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"error: no server on port {port}")


def requests_per_second(
    port: int, path: str, token: str, script: str = "", **environment: str
) -> float:
    """Return wrk's throughput; answers other than 2xx are a failure."""
    threads, connections = ("2", "2") if script else ("1", "4")
    command = ["wrk", "-t", threads, "-c", connections, "-d", f"{SECONDS}s"]
    command += ["-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json"]
    command += ["-s", str(ROOT / "tests/tools/bench" / script)] if script else []
    command.append(f"http://127.0.0.1:{port}{path}")
    result = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    found = re.search(r"Requests/sec:\s+([\d.]+)", result.stdout)
    if found is None or "Non-2xx" in result.stdout:
        raise SystemExit(f"error: {path}: {result.stdout}{result.stderr[-500:]}")
    return float(found[1])
