"""The private servers together, for `up` and for the tests."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runtime.errors import CannotStart
from runtime.lock import lock_servers
from runtime.paths import LocalPaths
from runtime.postgres_server import NO_NAMESPACE, PostgresServer
from runtime.redis_server import RedisServer
from runtime.server import PrivateServer

END_WITHIN = 3.0  # seconds from the request to stop until the kill


class PrivateServers:
    """The running private servers; one that dies can be started again."""

    def __init__(
        self, servers: list[PrivateServer], descriptor: int, stopping: Callable[[], bool]
    ) -> None:
        self.servers = servers
        self._descriptor = descriptor
        self._stopping = stopping

    def start(self, server: PrivateServer) -> None:
        try:
            server.start(self._descriptor, self._stopping)
        except subprocess.SubprocessError:  # Python gives no other reason for a failed preexec_fn
            raise CannotStart(NO_NAMESPACE) from None

    def stop(self) -> None:
        """End all at once, within END_WITHIN."""
        for server in self.servers:
            server.request_stop()
        deadline = time.monotonic() + END_WITHIN
        for server in self.servers:
            server.await_end(deadline)


@contextmanager
def run_private_servers(
    paths: LocalPaths,
    *,
    postgres: bool,
    redis: bool,
    fast: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[PrivateServers]:
    """Run the chosen servers while the block runs.

    `fast` gives up safety against a crash of the machine (for tests). `stopping` is polled
    while a server starts.

    Raises:
        CannotStart: a server did not start.
        Interrupted: `stopping` returned true.
    """
    chosen: list[PrivateServer] = []
    if postgres:
        chosen.append(PostgresServer(paths, fast=fast))
    if redis:
        chosen.append(RedisServer(paths, fast=fast))
    paths.create_folders()
    with lock_servers(paths) as descriptor:
        servers = PrivateServers(chosen, descriptor, stopping)
        try:
            for server in chosen:
                server.prepare()
                servers.start(server)
            yield servers
        finally:
            servers.stop()
