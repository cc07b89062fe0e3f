"""When the events of accounts are published: a process of its own listens, undisturbed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.tools.bench.rig import ROOT

WITHIN = 120.0  # seconds


@contextmanager
def heard_events(logins: Sequence[int]) -> Iterator[Callable[[], dict[int, float]]]:
    """Listen while the block runs; yield what waits for the first event of each login.

    It returns their times of the machine's monotonic clock.
    """
    command = [sys.executable, "-m", "tests.tools.bench.crowd_events", json.dumps(list(logins))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    output = process.stdout
    output.readline()  # it listens

    def read() -> dict[int, float]:
        found: dict[str, float] = json.loads(output.readline())
        return {int(login): moment for login, moment in found.items()}

    try:
        yield read
    finally:
        process.kill()
        process.wait()


def listen(logins: set[int]) -> dict[int, float]:
    """Return when each login's first event came; `logins` that have none are left out."""
    from core import redis

    server: Any = redis.sync_client()
    client = server.pubsub(ignore_subscribe_messages=True)
    client.psubscribe("account:*")
    client.get_message(timeout=5)
    say({})
    found: dict[int, float] = {}
    deadline = time.monotonic() + WITHIN
    while len(found) < len(logins) and time.monotonic() < deadline:
        message = client.get_message(timeout=1)
        login = int(message["channel"].partition(":")[2]) if message else 0
        if login in logins:
            found.setdefault(login, time.monotonic())
    return found


def say(found: dict[int, float]) -> None:
    """Write a line to the process that has started this one."""
    print(json.dumps(found), flush=True)  # noqa: T201


if __name__ == "__main__":
    import django

    django.setup()
    say(listen(set(json.loads(sys.argv[1]))))
