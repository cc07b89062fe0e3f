"""The platform's entrance: Caddy with docker/Caddyfile where installed, else a substitute."""

import json
import urllib.error
import urllib.request
from typing import Any

from tests.deployment.proxy import Proxy, find_caddy, unverified_context
from tests.deployment.stand_in import StandIn
from tests.realtime.stream_client import StreamClient
from tests.runtime.process_helpers import wait_until

FORWARDED = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


class Direct:
    """Requests web and stream directly, with the headers that a proxy writes."""

    context = None
    headers = FORWARDED

    def __init__(self, platform: StandIn) -> None:
        self.platform = platform

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.platform.containers_of('web')[-1].port}{path}"

    def stream_url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.platform.containers_of('stream')[-1].port}{path}"

    def end(self) -> None: ...


class Caddy(Proxy):
    """The proxy, on another port and with a certificate that it made."""

    headers: dict[str, str] = {}

    def __init__(self, platform: StandIn, program: str) -> None:
        web, stream = ([c.port for c in platform.containers_of(name)] for name in ("web", "stream"))
        super().__init__(program, platform.folder, web, stream)
        self.context = unverified_context()
        wait_until(self.answers, 30)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("/healthz"), context=self.context):
                return True
        except OSError:
            return False

    def url(self, path: str) -> str:
        return f"https://localhost:{self.port}{path}"

    def stream_url(self, path: str) -> str:
        return f"wss://localhost:{self.port}{path}"


Front = Direct | Caddy


def front_of(platform: StandIn) -> Front:
    program = find_caddy()
    return Caddy(platform, program) if program else Direct(platform)


class FrontClient:
    """A client that uses the platform through the front."""

    def __init__(self, front: Front, login: int, password: str) -> None:
        self.front, self.token = front, ""
        self.token = self.call("POST", "/sign/in", login=login, password=password)["__token"]

    def call(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if body else None
        with self.open(method, path, data) as answer:
            return json.load(answer)

    def open(self, method: str, path: str, data: bytes | None = None) -> Any:
        headers = {"Authorization": self.token, "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.front.url(path), data, {**self.front.headers, **headers}, method=method
        )
        return urllib.request.urlopen(request, timeout=30, context=self.front.context)

    def get_status(self, path: str) -> int:
        """Return the status of a GET."""
        try:
            return int(self.open("GET", path).status)
        except urllib.error.HTTPError as error:
            return error.code

    def stream(self, path: str) -> StreamClient:
        """Return an authorized socket."""
        options: dict[str, Any] = {"ssl": self.front.context} if self.front.context else {}
        socket = StreamClient(self.front.stream_url(path), **options)
        assert socket.ask({"authorization": self.token})["success"] is True
        return socket
