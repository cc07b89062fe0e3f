"""Heartbeats of processes are read by all, until they expire."""

import orjson

from core import redis, vitals
from core.clock import now_ms


def test_what_a_process_tells_is_read_by_process_and_instance() -> None:
    vitals.tell("stream", sockets=3, frames=70.5)
    vitals.tell("stream", sockets=4, frames=71)
    assert vitals.told() == {"stream": {vitals.instance(): {"sockets": 4, "frames": 71}}}


def test_a_silent_instance_is_forgotten() -> None:
    vitals.tell("engine", lag=1)
    long_ago = orjson.dumps([now_ms() - vitals.LIFE - 1, {"lag": 9}]).decode()
    redis.client().hset(vitals.KEY, "engine:gone-1", long_ago)
    assert vitals.told() == {"engine": {vitals.instance(): {"lag": 1}}}
    assert redis.client().hkeys(vitals.KEY) == [f"engine:{vitals.instance()}"]
