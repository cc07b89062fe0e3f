"""The heartbeat of a stream process."""

import time

from accounts.models import Account
from core import heartbeats
from tests.realtime.conftest import Connect, publish_batch


def heartbeat() -> dict[str, float]:
    return next(iter(heartbeats.read_heartbeats().get("stream", {}).values()), {})


def test_the_heartbeat_counts_sockets_and_frames(client: Connect, alice: Account) -> None:
    publish_batch(["EURUSD", 1.1, 1.2, 1700000000])
    streams = [client(alice) for _ in range(3)]
    for stream in streams:
        stream.ask({"event": "subscribe", "data": ["EURUSD"]})
        assert stream.receive()[0] == "t"
    deadline = time.monotonic() + 15  # it tells every five seconds
    while heartbeat().get("sockets") != 3:
        assert time.monotonic() < deadline, heartbeats.read_heartbeats()
        time.sleep(0.1)
    assert heartbeat()["frames"] >= 9  # authorization, answer, quote
    assert heartbeat()["merged"] >= 0
    assert heartbeat()["slow"] >= 0  # the process is that of the whole run
