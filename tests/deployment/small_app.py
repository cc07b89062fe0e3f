"""A WSGI application that shows which requests reach it, with which bodies and how late."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

ROWS, PAUSE = 5, 1.0  # of a download, and seconds between two of them
bodies: list[tuple[str, int]] = []


def download() -> Iterator[bytes]:
    for number in range(ROWS):
        yield b"row %d\n" % number
        threading.Event().wait(PAUSE)


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer `/download` slowly and `/bodies` with what was sent to all other paths."""
    path = environ["PATH_INFO"]
    start("200 OK", [("Content-Type", "text/plain")])
    if path == "/download":
        return download()
    if path == "/bodies":
        return [json.dumps(bodies).encode()]
    body = environ["wsgi.input"].read()
    bodies.append((path, len(body)))
    return [body[:100]]
