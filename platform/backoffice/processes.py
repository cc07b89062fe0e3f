"""The dashboard's tile of the processes: heartbeats, and sockets of the stream."""

from typing import Any

from backoffice import tile_parts as parts
from backoffice.dashboard import Tile
from core import redis, vitals
from observe.health import PROCESSES


def total(process: str, name: str) -> float:
    """Return the sum of a number over all instances of a process."""
    return sum(one.get(name, 0) for one in vitals.told().get(process, {}).values())


def build(_user: Any) -> list[parts.Part]:
    """Return which processes run, and the stream's sockets and frames."""
    alive = {name: redis.alive(name) for name in PROCESSES}
    return [
        parts.figures(
            ("Active sockets", f"{total('stream', 'sockets'):,.0f}"),
            ("Frames sent", f"{total('stream', 'frames'):,.0f}"),
            *((name, "runs", "good") for name, yes in alive.items() if yes),
            *((name, "is not running", "bad") for name, yes in alive.items() if not yes),
        )
    ]


TILES = [Tile("processes", "Processes", "realtime.view_accountevent", build)]
