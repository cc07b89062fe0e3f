"""HTTP to exactly the address that was checked, ended as a whole at a deadline."""

import http.client
import socket
import ssl
import threading
import time
from functools import cache
from types import TracebackType
from typing import Self

from alerts.deliveries.network import resolve


class Deadline:
    """A moment after which the socket is cut off, however slowly its other end drips.

    Timeouts of sockets begin anew with every byte.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
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

    def left(self) -> float:
        """Seconds left.

        Raises:
            TimeoutError: none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def guard(self, guarded: socket.socket) -> None:
        """Cut this one off when the time comes."""
        self._socket = guarded
        guarded.settimeout(self.left())

    def _cut(self) -> None:
        if self._socket is not None:
            try:
                # The plain one: SSLSocket's own would take its state from under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return  # closed already


@cache
def trusted() -> ssl.SSLContext:
    """The machine's authorities; reading them takes longer than a connect."""
    return ssl.create_default_context()


class Connection(http.client.HTTPConnection):
    """To the first allowed address of the host that takes the connection."""

    def __init__(self, host: str, port: int, deadline: Deadline) -> None:
        super().__init__(host, port)
        self.deadline = deadline

    def connect(self) -> None:
        """The name is resolved once, here, and what was checked is what is connected to."""
        failure: OSError = OSError("no address")
        for ip in resolve(self.host, self.port, self.deadline.left()):
            try:
                self.sock = socket.create_connection((str(ip), self.port), self.deadline.left())
            except OSError as error:
                failure = error
            else:
                self.deadline.guard(self.sock)
                return
        raise failure


class SecureConnection(Connection):
    """The same with TLS; the certificate must be one of the host's name."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = trusted().wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.deadline.guard(self.sock)
        self.sock.do_handshake()
