"""The way in: Caddy with docker/Caddyfile where it is installed, else what it would do."""

import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from typing import Any

from tests.deployment.compose import DOCKER
from tests.deployment.stand_in import StandIn
from tests.embedded.conditions import free_port, until
from tests.realtime.client import StreamClient

FORWARDED = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


class Direct:
    """Asks web and stream themselves, with the headers that a proxy writes."""

    context = None
    headers = FORWARDED

    def __init__(self, platform: StandIn) -> None:
        self.platform = platform

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.platform.of('web')[-1].port}{path}"

    def stream_url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.platform.of('stream')[-1].port}{path}"

    def end(self) -> None: ...


class Caddy:
    """The proxy itself, on another port and with a certificate of its own making."""

    headers: dict[str, str] = {}

    def __init__(self, platform: StandIn, program: str) -> None:
        self.port = free_port()
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        text = (DOCKER / "Caddyfile").read_text()
        for service in ("web", "stream"):
            to = " ".join(f"127.0.0.1:{c.port}" for c in platform.of(service))
            assert f"dynamic a {service} 8000" in text
            text = text.replace(f"dynamic a {service} 8000", f"to {to}")
        text = text.replace("http_port 8080", f"http_port {free_port()}\n\tskip_install_trust")
        file = platform.folder / "Caddyfile"
        file.write_text(text.replace("https_port 8443", f"https_port {self.port}"))
        home = str(platform.folder / "caddy")
        with (platform.folder / "caddy.log").open("w") as log:
            self.process = subprocess.Popen(
                [program, "run", f"--config={file}", "--adapter=caddyfile"],
                env={"ALLOWED_HOSTS": "localhost", "HOME": home, "XDG_DATA_HOME": home},
                stdout=log,
                stderr=log,
            )
        until(self.answers, 30)

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

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


Front = Direct | Caddy


def front_of(platform: StandIn) -> Front:
    program = shutil.which("caddy")
    return Caddy(platform, program) if program else Direct(platform)


class Person:
    """Somebody who uses the platform through the front."""

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

    def status(self, path: str) -> int:
        """Of a GET."""
        try:
            return int(self.open("GET", path).status)
        except urllib.error.HTTPError as error:
            return error.code

    def stream(self, path: str) -> StreamClient:
        """An authorized socket."""
        options: dict[str, Any] = {"ssl": self.front.context} if self.front.context else {}
        socket = StreamClient(self.front.stream_url(path), **options)
        assert socket.ask({"authorization": self.token})["success"] is True
        return socket
