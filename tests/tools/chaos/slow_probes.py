"""Many slow clients before the proxy, and whether other clients notice."""

import http.client
import itertools
import time

from websockets.exceptions import WebSocketException

from tests.deployment.proxy import unverified_context
from tests.deployment.slow_clients import SlowClients
from tests.realtime.stream_client import StreamClient

BODIES, HEADERS, READERS = 60, 200, 200
SECONDS = 40.0  # longer than every limit of the proxy, so that each of them is cut once
TIMEOUT = 5.0  # seconds that an answer may take
REST = 0.1  # seconds between two probes
LARGE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
PATHS = (
    "/account/balance",
    "/market",
    "/trades?limit=10&offset=0&tradeType=1",
    "/admin/login/",
    LARGE,
)


class Probes:
    """Normal requests and new sockets through the proxy, one after the other."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.count, self.slowest = 0, 0.0
        self.failed: list[str] = []

    def run(self, seconds: float) -> None:
        """Probe for that many seconds."""
        asked = itertools.cycle((*PATHS, "/ws"))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            path, began = next(asked), time.monotonic()
            try:
                status = self._socket() if path == "/ws" else self._status(path)
            except (OSError, http.client.HTTPException, WebSocketException) as error:
                status = type(error).__name__
            took = time.monotonic() - began
            self.count, self.slowest = self.count + 1, max(self.slowest, took)
            if status != "200" or took > TIMEOUT:
                self.failed.append(f"probe {path}: {status} after {took:.1f} s")
            time.sleep(REST)

    def _status(self, path: str) -> str:
        connection = http.client.HTTPSConnection(
            "localhost", self.port, timeout=TIMEOUT, context=unverified_context()
        )
        try:
            connection.request("GET", path, headers={"Authorization": self.token})
            answer = connection.getresponse()
            answer.read()
            return str(answer.status)
        finally:
            connection.close()

    def _socket(self) -> str:
        url = f"wss://localhost:{self.port}/ws"
        with StreamClient(url, ssl=unverified_context(), open_timeout=TIMEOUT) as client:
            welcomed = client.ask({"authorization": self.token})["success"]
        return "200" if welcomed else "refused"


def run_slow_clients(port: int, token: str) -> tuple[str, list[str]]:
    """Connect slow clients; return a line about all probes, and each failed one."""
    slow = SlowClients(port, [LARGE, "/docs"], BODIES, HEADERS, READERS).begin()
    probes = Probes(port, token)
    try:
        probes.run(SECONDS)
    finally:
        slow.end()
    cut = ", ".join(f"{count} {kind}" for kind, count in sorted(slow.cut.items()))
    summary = f"{probes.count} probes, {len(probes.failed)} failed, slowest {probes.slowest:.1f} s"
    refused = [f"{slow.refused} slow clients did not get in"] if slow.refused else []
    return f"{summary}; slow clients cut: {cut or 'none'}", probes.failed + refused
