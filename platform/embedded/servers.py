"""The private servers together, for `up` and for the tests."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from embedded.errors import CannotStart
from embedded.lock import servers_lock
from embedded.places import Places
from embedded.postgres import NO_NAMESPACE, Postgres
from embedded.redis import Redis
from embedded.server import Server

END_WITHIN = 3.0  # seconds from the request to stop until the kill


class Servers:
    """The running private servers; one that dies can be started again."""

    def __init__(self, all_of: list[Server], descriptor: int, stopping: Callable[[], bool]) -> None:
        self.servers = all_of
        self._descriptor = descriptor
        self._stopping = stopping

    def start(self, server: Server) -> None:
        try:
            server.start(self._descriptor, self._stopping)
        except subprocess.SubprocessError:  # Python gives no other reason for a failed preexec_fn
            raise CannotStart(NO_NAMESPACE) from None

    def stop(self) -> None:
        """End all at once, within END_WITHIN."""
        for server in self.servers:
            server.ask_to_stop()
        deadline = time.monotonic() + END_WITHIN
        for server in self.servers:
            server.await_end(deadline)


@contextmanager
def private_servers(
    places: Places,
    *,
    postgres: bool,
    redis: bool,
    fast: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Servers]:
    """Run the chosen servers while the block runs.

    `fast` gives up safety against a crash of the machine (for tests). `stopping` is polled
    while a server starts.

    Raises:
        CannotStart: a server did not start.
        Interrupted: `stopping` returned true.
    """
    chosen: list[Server] = []
    if postgres:
        chosen.append(Postgres(places, fast=fast))
    if redis:
        chosen.append(Redis(places, fast=fast))
    places.make()
    with servers_lock(places) as descriptor:
        servers = Servers(chosen, descriptor, stopping)
        try:
            for server in chosen:
                server.prepare()
                servers.start(server)
            yield servers
        finally:
            servers.stop()
