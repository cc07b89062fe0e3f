"""Helpers to wait for conditions, and the environment of a child process."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable


def wait_until(condition: Callable[[], object], within: float = 15.0, every: float = 0.02) -> None:
    """Return as soon as `condition` is true; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not true within {within:g} s"
        time.sleep(every)


def has_ended(pid: int) -> bool:
    """Return whether the process has ended; an uncollected zombie counts as ended."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def child_environment(local_dir: Path, **variables: str) -> dict[str, str]:
    """Return an environment with private servers in `local_dir` and the test's variables."""
    own = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    own |= {"PYTHONPATH": str(ROOT / "platform"), "LOCAL_DIR": str(local_dir)}
    return {**own, "DJANGO_SETTINGS_MODULE": "config.settings", **variables}
