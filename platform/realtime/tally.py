"""What this process's sockets have been sent, for its vitals."""

import asyncio
from dataclasses import asdict, dataclass

from core import vitals


@dataclass(slots=True)
class Tally:
    """Counts since the process began."""

    frames: int = 0  # handed to the transports
    merged: int = 0  # quotes that gave way to a newer one before they were sent
    slow: int = 0  # sockets closed because too much waited for them


TALLY = Tally()


async def tell(sockets: int) -> None:
    """Say it with the number of authorized sockets; the event loop does not wait for Redis."""
    await asyncio.to_thread(vitals.tell, "stream", sockets=sockets, **asdict(TALLY))
