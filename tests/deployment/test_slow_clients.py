"""Slow clients before the shipped proxy: other clients are served, live connections stay."""

import http.client
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from websockets.sync.server import Server, ServerConnection, serve

from tests.deployment import compose
from tests.deployment.proxy import ABSENT, Proxy, find_caddy, unverified_context, version_of
from tests.deployment.slow_clients import SlowClients
from tests.deployment.small_app import ROWS
from tests.deployment.stand_in import BIN
from tests.realtime.stream_client import StreamClient
from tests.runtime.process_helpers import ROOT, free_port, wait_until

QUICK = 5.0  # seconds, of a busy machine; an idle one needs milliseconds
QUIET = 5.0  # seconds without a frame; longer than every limit below
SHORT = {"read_header 10s": "read_header 2s", "read_body 30s": "read_body 3s", "idle 2m": "idle 3s"}
LARGE = 4 * 1024 * 1024
MOST = settings.JSON_MAX_BYTES


class Place(NamedTuple):
    """A web server with one worker, a stream server, and the proxy before them."""

    proxy: Proxy
    modern: bool  # whether it is the shipped version or a newer one

    def ask(self, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPSConnection(
            "localhost", self.proxy.port, timeout=20, context=unverified_context()
        )
        connection.request(method, path, body)
        return connection.getresponse()

    def bodies(self, path: str) -> list[int]:
        """Return the size in bytes of each body that reached the server at this path."""
        found = json.loads(self.ask("GET", "/bodies").read())
        return [length for where, length in found if where == path]


def echo_server(connection: ServerConnection) -> None:
    """Send a frame at once, another after a long time, then echo."""
    connection.send('"first"')
    threading.Event().wait(QUIET)
    connection.send('"second"')
    for frame in connection:
        connection.send(frame)


def web_server(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """Run the server with the options of compose.yml."""
    (folder / "static").mkdir()
    (folder / "static" / "large.js").write_bytes(b"x" * LARGE)
    words = compose.services()["web"].command
    own = {"--host=0.0.0.0": "--host=127.0.0.1", "--port=8000": f"--port={port}"}
    own |= {"--workers=2": "--workers=1"}
    own |= {"--static-path-mount=/app/staticfiles": f"--static-path-mount={folder / 'static'}"}
    own |= {"config.wsgi:application": "tests.deployment.small_app:application"}
    assert set(own) <= set(words)
    with (folder / "web.log").open("w") as log:
        return subprocess.Popen(
            [shutil.which(words[0], path=BIN) or words[0], *(own.get(w, w) for w in words[1:])],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    program = find_caddy()
    if program is None:
        pytest.skip(ABSENT)
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    modern = version_of(program) >= (2, 11, 7)
    limits = SHORT | ({"write_idle 20s": "write_idle 3s"} if modern else {})
    with ExitStack() as stack:
        server = web_server(folder, port)
        stack.callback(server.wait, 20)
        stack.callback(server.terminate)
        stream: Server = serve(echo_server, "127.0.0.1", free_port())
        stack.callback(stream.shutdown)
        threading.Thread(target=stream.serve_forever, daemon=True).start()
        proxy = Proxy(program, folder, [port], [stream.socket.getsockname()[1]], limits)
        stack.callback(proxy.end)
        found = Place(proxy, modern)
        wait_until(lambda: found.ask("GET", "/bodies").status == 200, 30)
        yield found


@pytest.mark.parametrize(
    ("bodies", "headers", "readers"), [(30, 0, 0), (0, 60, 0), (0, 0, 60), (10, 20, 20)]
)
def test_slow_clients_do_not_block_other_clients(
    place: Place, bodies: int, headers: int, readers: int
) -> None:
    slow = SlowClients(place.proxy.port, ["/static/large.js"], bodies, headers, readers).begin()
    try:
        for number in range(20):
            began = time.monotonic()
            assert place.ask("POST", "/probe", b"%d" % number).read() == b"%d" % number
            assert place.ask("HEAD", "/static/large.js").status == 200
            assert time.monotonic() - began < QUICK
        wait_until(lambda: slow.cut["body"] >= bodies and slow.cut["header"] >= headers, 20)
    finally:
        slow.end()
    assert slow.refused == 0
    assert place.bodies("/sign/in") == []


@pytest.mark.parametrize("begun", [b"", b'{"vol'])
def test_an_incomplete_body_reaches_no_server(place: Place, begun: bytes) -> None:
    connection = http.client.HTTPSConnection(
        "localhost", place.proxy.port, timeout=15, context=unverified_context()
    )
    connection.putrequest("DELETE", "/late")
    connection.putheader("Content-Length", "13")
    connection.endheaders(begun or None)
    answer = connection.getresponse()
    assert answer.read() == b""
    assert answer.status == (499 if place.modern else 200)  # of old ones a wrong word
    assert place.bodies("/late") == []


def test_the_proxy_limits_bodies_to_the_platforms_size(place: Place) -> None:
    assert place.ask("POST", "/large", b"x" * MOST).status == 200
    assert place.bodies("/large") == [MOST]
    answer = place.ask("POST", "/large", b"x" * (MOST + 1))
    if place.modern:
        assert (answer.status, json.loads(answer.read())["error"]) == (413, "INVALID_DATA")
    assert answer.status in (413, 502)
    assert MOST + 1 not in place.bodies("/large")


def test_a_long_download_arrives_whole(place: Place) -> None:
    rows = place.ask("GET", "/download").read().splitlines()
    assert rows == [b"row %d" % number for number in range(ROWS)]


def test_a_websocket_outlives_every_time_limit(place: Place) -> None:
    url = f"wss://localhost:{place.proxy.port}/ws"
    with StreamClient(url, ssl=unverified_context()) as client:
        assert [client.receive(), client.receive(QUIET + 10)] == ["first", "second"]
        assert client.ask({"event": "ping"}) == {"event": "ping"}


def test_without_a_server_the_proxy_answers_502_in_the_errors_shape(
    place: Place, tmp_path: Path
) -> None:
    proxy = Proxy(str(find_caddy()), tmp_path, [free_port()], [free_port()])
    try:
        answer = Place(proxy, place.modern).ask("GET", "/account/me")
        assert (answer.status, json.loads(answer.read())["error"]) == (502, "UNAVAILABLE")
    finally:
        proxy.end()
