"""The bench's readers: one process that holds thousands of sockets and only counts frames.

It takes commands as JSON lines on stdin and answers each with one. What it receives is not parsed:
a short frame begins with 0x81, which stands nowhere else in ASCII texts below 126 bytes.
"""

import json
import select
import socket
import struct
import sys
import time
from typing import Any

WAVE = 40  # connections at once: daphne's queue holds 50
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MOST = 262_144  # bytes read at once
BEGIN = b"\x81"
QUOTE = b'["t","'
SAMPLED = 10  # of so many sockets one is looked into for latencies


class CountingSockets:
    """The open sockets."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.epoll = select.epoll()

    def open(self, port: int, says: list[list[str]]) -> float:
        """Open a socket for each list of frames and send them; return the seconds."""
        began = time.monotonic()
        for start in range(0, len(says), WAVE):
            wave = says[start : start + WAVE]
            opened = [socket.create_connection(("127.0.0.1", port)) for _ in wave]
            for one in opened:
                one.sendall(UPGRADE)
            for one in opened:
                read_until(one, b"\r\n\r\n")
            for step in range(max(map(len, wave), default=0)):
                for one, frames in zip(opened, wave, strict=True):
                    one.sendall(client_frame(frames[step]))
                for one in opened:
                    read_until(one, b'"success":true')
            for one in opened:
                self.epoll.register(one, select.EPOLLIN)
            self.sockets += opened
        return time.monotonic() - began

    def close(self) -> None:
        """Cut the connections."""
        for one in self.sockets:
            self.epoll.unregister(one)
            one.close()
        self.sockets.clear()

    def count(self, seconds: float) -> dict[str, float]:
        """Return the frames within the time, and the share of a core that counting took."""
        frames, began, used = 0, time.monotonic(), time.process_time()
        by_number = {one.fileno(): one for one in self.sockets}
        while (left := began + seconds - time.monotonic()) > 0:
            for number, _ in self.epoll.poll(left):
                frames += read_frames(by_number[number]).count(BEGIN)
        return {
            "frames": frames,
            "seconds": time.monotonic() - began,
            "core": (time.process_time() - used) / seconds,
        }

    def latency(self, seconds: float) -> list[float]:
        """Return p50 and p99 of the milliseconds from the feed to sampled sockets.

        The bid is the time of publication, on the clock that all processes of a machine share.
        """
        found, end = [0.0], time.monotonic() + seconds
        by_number = {one.fileno(): one for one in self.sockets}
        sampled = {one.fileno() for one in self.sockets[::SAMPLED]}
        while (left := end - time.monotonic()) > 0:
            for number, _ in self.epoll.poll(left):
                data = read_frames(by_number[number])
                if number in sampled and QUOTE in data:
                    bid = data[data.rindex(QUOTE) :].split(b",", 3)[2]
                    found.append((time.monotonic() - float(bid)) * 1e3)
        found.sort()
        return [found[len(found) // 2], found[len(found) * 99 // 100]]


def client_frame(text: str) -> bytes:
    """Return a client's text frame; its mask is zero, which changes nothing."""
    payload = text.encode()
    if len(payload) < 126:
        return struct.pack("!BB4x", 0x81, 0x80 | len(payload)) + payload
    return struct.pack("!BBH4x", 0x81, 0x80 | 126, len(payload)) + payload


def read_frames(one: socket.socket) -> bytes:
    data = one.recv(MOST)
    if not data:
        raise SystemExit("error: the server has closed a socket")
    return data


def read_until(one: socket.socket, mark: bytes) -> None:
    data = b""
    while mark not in data:
        data += read_frames(one)


def main() -> None:
    """Execute the commands of stdin."""
    crowd = CountingSockets()
    for line in sys.stdin:
        name, *values = json.loads(line)
        answer: Any = getattr(crowd, name)(*values)
        print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
