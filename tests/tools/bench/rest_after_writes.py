"""What a read costs right after a write of the same account, so that nothing kept is of use."""

import json
import socket
import statistics
import time
from collections.abc import Callable
from typing import Any

from tests.tools.bench import aims

PATHS = {  # aim: path
    "trades after": "/trades?limit=1000&offset=0&tradeType=1",
    "me after": "/account/me",
}
SIDES = ("ours", "floor")
PAIRS, ROUNDS = 40, 3  # an open and a close, each followed by a read; per path and round
OPEN = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}


class RawClient:
    """A connection that costs little more than its two system calls."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"Host: bench\r\nAuthorization: Bearer {token}\r\n"

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the body of the answer."""
        data = json.dumps(body).encode() if body else b""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
        self._socket.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        text = self._socket.recv(1 << 20)
        while b"\r\n\r\n" not in text:
            text += self._socket.recv(1 << 20)
        head_, _, found = text.partition(b"\r\n\r\n")
        lines = head_.lower().split(b"\r\n")
        if b" 200 " not in lines[0] + b" ":
            raise SystemExit(f"error: {method} {path}: {text[:300]!r}")
        size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(found) < size:
            found += self._socket.recv(1 << 20)
        return found

    def timed_read(self, path: str) -> float:
        """Return the seconds of a read."""
        began = time.perf_counter()
        self.send("GET", path)
        return time.perf_counter() - began

    def close(self) -> None:
        self._socket.close()


def measure(ports: dict[str, int], token: str, publish: Callable[[], None]) -> None:
    """Print the floor's time of a read as a share of ours; both after a write of the account."""
    for aim, path in PATHS.items():
        times: dict[str, list[float]] = {side: [] for side in SIDES}
        for _ in range(ROUNDS):
            for side in SIDES:
                publish()
                client = RawClient(ports[side], token)
                asked = path.partition("?")[0] if side == "floor" else path
                times[side] += reads_after_writes(client, asked)
                client.close()
        ours, floor = (statistics.median(times[side]) for side in SIDES)
        figure = f"ours {ours * 1e3:6.2f} ms  floor {floor * 1e3:6.2f} ms"
        aims.record(aim, floor / ours)
        what = f"GET {path.partition('?')[0]}, after a write"
        line = f"{what:40} {figure}  {floor / ours:5.0%} of the floor  ({aims.AIMS[aim].text})"
        print(line, flush=True)  # noqa: T201


def reads_after_writes(client: RawClient, path: str) -> list[float]:
    """Return the seconds of reads after an open or a close."""
    times = []
    for _ in range(PAIRS):
        order = json.loads(client.send("POST", "/trade/open", OPEN))["order"]
        times.append(client.timed_read(path))
        client.send("DELETE", "/trade/close", {"order": order})
        times.append(client.timed_read(path))
    return times
