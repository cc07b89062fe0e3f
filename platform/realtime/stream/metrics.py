"""Counters of the frames sent to this process's sockets, for its heartbeat."""

import asyncio
from dataclasses import asdict, dataclass

from core import heartbeats
from core.heartbeats import Gauge

GAUGES = (
    Gauge("stream", "sockets", "broker_stream_sockets", "Authorized sockets."),
    Gauge("stream", "frames", "broker_stream_frames", "Frames sent.", is_counter=True),
    Gauge("stream", "merged", "broker_stream_merged", "Quotes replaced by newer.", is_counter=True),
    Gauge("stream", "slow", "broker_stream_slow", "Sockets closed as too slow.", is_counter=True),
)


@dataclass(slots=True)
class StreamMetrics:
    """Counts since the process began."""

    frames: int = 0  # handed to the transports
    merged: int = 0  # quotes replaced by a newer one before they were sent
    slow: int = 0  # sockets closed because too much waited for them


METRICS = StreamMetrics()


async def report_metrics(sockets: int) -> None:
    """Report them with the number of connections, off the event loop: Redis may block."""
    await asyncio.to_thread(
        heartbeats.report_heartbeat, "stream", sockets=sockets, **asdict(METRICS)
    )
