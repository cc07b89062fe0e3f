"""Clients that send or read next to nothing, each over its own connection."""

import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress

from tests.deployment.proxy import unverified_context

PAUSE = 1.0  # seconds between two bytes
PATIENCE = 20.0  # seconds for a handshake
WINDOW = 4096  # bytes that whoever reads nothing lets the other side send
BODY = (
    b"POST /sign/in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)
HEADER = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a"
READER = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n"


class SlowClients(threading.Thread):
    """`bodies` and `headers` send a byte a second, `readers` ask for `pages` and read nothing.

    Whoever is cut off comes again, so that there are always as many of them.
    """

    def __init__(self, port: int, pages: list[str], bodies: int, headers: int, readers: int):
        super().__init__(name="slow clients", daemon=True)
        self.port, self.context = port, unverified_context()
        self.cut: Counter[str] = Counter()
        self.refused = 0
        self.all_there, self.ending = threading.Event(), threading.Event()
        asked = [READER.format(pages[n % len(pages)]).encode() for n in range(readers)]
        self._wanted = [("body", BODY)] * bodies + [("header", HEADER)] * headers
        self._wanted += [("reader", words) for words in asked]
        self._open: list[ssl.SSLSocket | None] = [None] * len(self._wanted)

    def begin(self) -> "SlowClients":
        """Start, and wait until all are connected."""
        self.start()
        assert self.all_there.wait(120), "the slow clients do not get in"
        return self

    def run(self) -> None:
        while not self.ending.is_set():
            for number, (kind, opening) in enumerate(self._wanted):
                if self.ending.is_set():
                    break
                self._send_byte(number, kind, opening)
            self.all_there.set()
            self.ending.wait(PAUSE)
        for connection in self._open:
            if connection is not None:
                connection.close()

    def end(self) -> None:
        self.ending.set()
        self.join(60)

    def _send_byte(self, number: int, kind: str, opening: bytes) -> None:
        """Send one byte more, or reconnect in place of a connection that was cut."""
        connection = self._open[number]
        if connection is None:
            self._open[number] = self._connected(opening)
        elif kind != "reader":
            try:
                connection.sendall(b"a")
            except OSError:
                self.cut[kind] += 1
                connection.close()
                self._open[number] = None

    def _connected(self, opening: bytes) -> ssl.SSLSocket | None:
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        plain.settimeout(PATIENCE)
        try:
            plain.connect(("127.0.0.1", self.port))
            connection = self.context.wrap_socket(plain, server_hostname="localhost")
            connection.sendall(opening)
        except OSError:
            self.refused += 1
            with suppress(OSError):
                plain.close()
            return None
        return connection
