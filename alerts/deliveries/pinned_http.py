"""HTTP connections to exactly the IP address that was checked, with one overall deadline."""

import http.client
import socket
import ssl
import threading
import time
from functools import cache
from types import TracebackType
from typing import Self

from alerts.deliveries.public_addresses import resolve_allowed


class Deadline:
    """A time limit after which the socket is shut down, however slowly the other end sends.

    The timeouts of sockets start again with every byte.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def remaining(self) -> float:
        """Return the seconds left.

        Raises:
            TimeoutError: none are left.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    @property
    def is_over(self) -> bool:
        """Check whether the time is over."""
        return time.monotonic() >= self._end

    def guard(self, guarded: socket.socket) -> None:
        """Shut this socket down when the time is over; also set its timeout."""
        self._socket = guarded
        guarded.settimeout(self.remaining())

    def _shut_down(self) -> None:
        """Shut the guarded socket down in both directions."""
        if self._socket is not None:
            try:
                # The plain method: SSLSocket's own would drop the state that the reader uses.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return  # closed already


@cache
def trusted_tls_context() -> ssl.SSLContext:
    """Return a context with the machine's authorities, cached: reading them is slow."""
    return ssl.create_default_context()


class PinnedConnection(http.client.HTTPConnection):
    """An HTTP connection to the first allowed IP address of the host that accepts it."""

    def __init__(self, host: str, port: int, deadline: Deadline) -> None:
        super().__init__(host, port)
        self.deadline = deadline

    def connect(self) -> None:
        """Connect to one of the checked IP addresses; the name is resolved only once, here.

        Raises:
            OSError: no address is allowed, or none accepts the connection in time.
        """
        failure: OSError = OSError("no address")
        for ip in resolve_allowed(self.host, self.port, self.deadline.remaining()):
            try:
                self.sock = socket.create_connection(
                    (str(ip), self.port), self.deadline.remaining()
                )
            except OSError as error:
                failure = error
            else:
                self.deadline.guard(self.sock)
                return
        raise failure


class PinnedTLSConnection(PinnedConnection):
    """The same over TLS; the certificate must be valid for the host's name."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = trusted_tls_context().wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.deadline.guard(self.sock)
        self.sock.do_handshake()
