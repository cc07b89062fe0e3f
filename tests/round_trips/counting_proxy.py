"""Sockets before PostgreSQL and Redis that count how often a client waits for an answer."""

import os
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHUNK = 1 << 20  # bytes
HEADER = 5  # bytes of a message's type and length
QUERIES, ENDS = b"QF", b"SH"  # query, function call; sync, flush: the client waits after each


class PostgresCounter:
    """Counts the messages of a client after which it waits, pipelined statements together.

    A flush right after a sync is no further wait: it is sent where the answer is not there yet.
    """

    def __init__(self) -> None:
        self._data, self._begun, self._unanswered = b"", False, False

    def count_request(self, data: bytes) -> int:
        """Return how many of these messages end in `data`."""
        self._data += data
        count = 0
        while (size := self._message_size()) and len(self._data) >= size:
            count += self._begun and self._is_waited_for(self._data[:1])
            self._data, self._begun = self._data[size:], True
        return count

    def _is_waited_for(self, kind: bytes) -> bool:
        ends = kind in ENDS
        found = kind in QUERIES or (ends and self._unanswered)
        self._unanswered = not ends and kind not in QUERIES
        return found

    def _message_size(self) -> int:
        """Return the size of the next message, 0 where its head is not there yet."""
        head = 1 if self._begun else 0  # the first one has no type
        if len(self._data) < head + 4:
            return 0
        return head + int(struct.unpack_from("!I", self._data, head)[0])

    def note_answer(self) -> None:
        """Note that the server has answered."""


class RedisCounter:
    """Counts what a client sends after an answer, a pipeline once."""

    def __init__(self) -> None:
        self._answered = True

    def count_request(self, data: bytes) -> int:
        """Return 1 where the client had got an answer before `data`."""
        count, self._answered = int(self._answered and bool(data)), False
        return count

    def note_answer(self) -> None:
        """Note that the server has answered."""
        self._answered = True


Counter = type[PostgresCounter] | type[RedisCounter]
Address = Path | tuple[str, int]  # of a server: a Unix socket, or host and port


class CountingProxy:
    """Connects clients of one Unix socket to a server, and counts their round trips."""

    def __init__(self, path: Path, server: Address, counter: Counter) -> None:
        self.count = 0
        self._server, self._counter = server, counter
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._selector = selectors.DefaultSelector()
        self._closing, self._wake = os.pipe()
        self._selector.register(self._closing, selectors.EVENT_READ)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._sockets: list[socket.socket] = [self._listener]
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close all connections."""
        os.write(self._wake, b"x")
        self._thread.join(10)
        for each in self._sockets:
            each.close()
        self._selector.close()
        os.close(self._closing)
        os.close(self._wake)

    def _forward(self) -> None:
        """Forward until `close`."""
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data()

    def _accept(self) -> None:
        """Connect a new client to the server."""
        client, _ = self._listener.accept()
        server = connect_to(self._server)
        self._sockets += [client, server]
        counter = self._counter()

        def send_request() -> None:
            data = self._receive(client, server)
            self.count += counter.count_request(data)
            _send(server, data)

        def send_answer() -> None:
            data = self._receive(server, client)
            counter.note_answer()
            _send(client, data)

        self._selector.register(client, selectors.EVENT_READ, send_request)
        self._selector.register(server, selectors.EVENT_READ, send_answer)

    def _receive(self, source: socket.socket, target: socket.socket) -> bytes:
        """Return what has come; at its end no longer listen to either side."""
        try:
            data = source.recv(CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            for each in (source, target):
                self._selector.unregister(each)
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        return data


def connect_to(address: Address) -> socket.socket:
    """Return a connection to the server."""
    if isinstance(address, tuple):
        return socket.create_connection(address)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(address))
    return connection


def _send(target: socket.socket, data: bytes) -> None:
    """Send to who may have gone."""
    with suppress(OSError):
        target.sendall(data)


@contextmanager
def counting_proxy(path: Path, server: Address, counter: Counter) -> Iterator[CountingProxy]:
    """Run a proxy while the block runs."""
    proxy = CountingProxy(path, server, counter)
    try:
        yield proxy
    finally:
        proxy.close()
