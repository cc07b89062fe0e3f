"""Heartbeats of processes are read by all, until they expire."""

import orjson

from core import heartbeats, redis
from core.clock import now_ms


def test_heartbeats_are_read_by_process_and_instance() -> None:
    heartbeats.report_heartbeat("stream", sockets=3, frames=70.5)
    heartbeats.report_heartbeat("stream", sockets=4, frames=71)
    assert heartbeats.read_heartbeats() == {
        "stream": {heartbeats.instance_name(): {"sockets": 4, "frames": 71}}
    }


def test_the_heartbeat_of_a_silent_instance_expires() -> None:
    heartbeats.report_heartbeat("engine", lag=1)
    long_ago = orjson.dumps([now_ms() - heartbeats.LIFE - 1, {"lag": 9}]).decode()
    redis.sync_client().hset(heartbeats.KEY, "engine:gone-1", long_ago)
    assert heartbeats.read_heartbeats() == {"engine": {heartbeats.instance_name(): {"lag": 1}}}
    assert redis.sync_client().hkeys(heartbeats.KEY) == [f"engine:{heartbeats.instance_name()}"]
