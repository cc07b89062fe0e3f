"""The heartbeat of a stream process."""

import time

from accounts.models import Account
from core import vitals
from tests.realtime.conftest import Connect, publish


def told() -> dict[str, float]:
    return next(iter(vitals.told().get("stream", {}).values()), {})


def test_a_stream_process_counts_its_sockets_and_frames(client: Connect, alice: Account) -> None:
    publish(["EURUSD", 1.1, 1.2, 1700000000])
    streams = [client(alice) for _ in range(3)]
    for stream in streams:
        stream.ask({"event": "subscribe", "data": ["EURUSD"]})
        assert stream.receive()[0] == "t"
    deadline = time.monotonic() + 15  # it tells every five seconds
    while told().get("sockets") != 3:
        assert time.monotonic() < deadline, vitals.told()
        time.sleep(0.1)
    assert told()["frames"] >= 9  # authorization, answer, quote
    assert told()["merged"] >= 0
    assert told()["slow"] >= 0  # the process is that of the whole run
