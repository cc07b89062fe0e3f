"""The dashboard's tile of the processes: heartbeats, and sockets of the stream."""

from backoffice.widgets.content import Cell, Content, FigureList
from backoffice.widgets.dashboard import DashboardTile
from core import heartbeats, redis
from core.users import User
from observe.health import PROCESSES


def sum_heartbeats(process: str, name: str) -> float:
    """Return the sum of a number over all instances of a process."""
    return sum(one.get(name, 0) for one in heartbeats.read_heartbeats().get(process, {}).values())


def build_tile(_user: User) -> list[Content]:
    """Return which processes run, and the stream's sockets and frames."""
    running = {name: redis.is_alive(name) for name in PROCESSES}
    runs, fails = Cell("runs", tone="good"), Cell("is not running", tone="bad")
    return [
        FigureList(
            [
                ("Active sockets", f"{sum_heartbeats('stream', 'sockets'):,.0f}"),
                ("Frames sent", f"{sum_heartbeats('stream', 'frames'):,.0f}"),
                *((name, runs) for name, alive in running.items() if alive),
                *((name, fails) for name, alive in running.items() if not alive),
            ]
        )
    ]


TILES = [DashboardTile("processes", "Processes", "realtime.view_accountevent", build_tile)]
