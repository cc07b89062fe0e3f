"""A real webhook: an HTTP server that answers as the test says and records requests."""

import hmac
import json
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class ReceivedMessage:
    """A message as it was received."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Check the signature as the specification tells receivers to, without code of ours."""
        key = b64decode(secret.removeprefix("whsec_"))
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + b64encode(hmac.new(key, content, "sha256").digest()).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = ReceivedMessage(self.path, headers, body)
        self.server.receiver.got.append(got)
        self.server.receiver.behaviour(self, got)

    def do_GET(self) -> None:
        self.server.receiver.got.append(ReceivedMessage(f"GET {self.path}", {}, b""))
        send_answer(self, 200)

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


def send_answer(handler: Handler, status: int, body: bytes = b"", **headers: str) -> None:
    """Send an answer with this status and body."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def accept(handler: Handler, got: ReceivedMessage) -> None:
    """Answer 200, with the challenge where there is one."""
    challenge = got.json()["data"].get("challenge")
    send_answer(handler, 200, json.dumps({"challenge": challenge}).encode() if challenge else b"")


def always_answer(status: int, body: bytes = b"", **headers: str) -> "Behaviour":
    """Return a behaviour that always answers with this status and body."""
    return lambda handler, got: send_answer(handler, status, body, **headers)


Behaviour = Callable[[Handler, ReceivedMessage], None]


@dataclass
class Receiver:
    """What a test controls: the answer to give, and the requests received."""

    behaviour: Behaviour = accept
    got: list[ReceivedMessage] = field(default_factory=list)
    port: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    server: "Server | None" = None

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from the next connection on."""
        assert self.server
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    @property
    def alert_messages(self) -> list[ReceivedMessage]:
        """The messages about alerts, without the verifications."""
        return [got for got in self.got if got.json()["type"] == "price_alert.triggered"]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.receiver = receiver
        receiver.server, receiver.port = self, self.server_port

    def handle_error(self, *args: Any) -> None:
        """Ignore clients that hang up."""
