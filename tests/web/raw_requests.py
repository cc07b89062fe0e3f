"""Raw HTTP requests that no client library would send."""

import http.client
import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WITHIN = 20.0  # seconds
JSON = ("Content-Type", "application/json")
CHUNKED = ("Transfer-Encoding", "chunked")
Header = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer."""

    status: int
    content_type: str
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def status_code(self) -> int:
        """Return the status under the name that Django's test client uses."""
        return self.status


def request(
    method: str,
    path: str,
    *headers: Header,
    body: bytes = b"",
    host: str = "localhost",
    length: bool = True,
) -> bytes:
    """Return the bytes of a closing request, with a Content-Length if `length`."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body and length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(method: str, path: str, *headers: Header, body: bytes, pieces: int = 1) -> bytes:
    """Return such a request with the body in chunks and no Content-Length."""
    size = -(-len(body) // pieces) or 1
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return request(method, path, CHUNKED, *headers, body=coded, length=False)


def exchange(port: int, raw: bytes | Iterable[bytes]) -> Answer:
    """Send it over its own connection and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port), WITHIN) as connection:
        for part in [raw] if isinstance(raw, bytes) else raw:
            connection.sendall(part)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return Answer(answer.status, answer.headers.get_content_type(), answer.read())
