"""Heartbeats of processes are read by all, until they expire."""

import orjson

from core import redis, vitals
from core.clock import now_ms


def test_heartbeats_are_read_by_process_and_instance() -> None:
    vitals.report_heartbeat("stream", sockets=3, frames=70.5)
    vitals.report_heartbeat("stream", sockets=4, frames=71)
    assert vitals.read_heartbeats() == {
        "stream": {vitals.instance_name(): {"sockets": 4, "frames": 71}}
    }


def test_the_heartbeat_of_a_silent_instance_expires() -> None:
    vitals.report_heartbeat("engine", lag=1)
    long_ago = orjson.dumps([now_ms() - vitals.LIFE - 1, {"lag": 9}]).decode()
    redis.sync_client().hset(vitals.KEY, "engine:gone-1", long_ago)
    assert vitals.read_heartbeats() == {"engine": {vitals.instance_name(): {"lag": 1}}}
    assert redis.sync_client().hkeys(vitals.KEY) == [f"engine:{vitals.instance_name()}"]
