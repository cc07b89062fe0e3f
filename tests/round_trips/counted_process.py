"""A process whose round trips are counted: it does what it reads from a socket, one at a time.

It is a fork that runs `-m tests.round_trips.counted_process`, with the URLs of counting sockets.
"""

import io
import json
import sys
from socket import socket
from typing import Any

import django

from tests.forked import INHERITED


class CountedProcess:
    """A web process and an engine in one, without threads and timers of their own."""

    def __init__(self) -> None:
        from config.wsgi import application
        from trading.engine.engine import Engine

        self._application, self._engine = application, Engine()

    def request(self, method: str, path: str, token: str, body: Any, key: str) -> Any:
        """Answer a request; return status and body."""
        data = json.dumps(body).encode() if body else b""
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {token}", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(data)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(data), "wsgi.errors": sys.stderr, "wsgi.multithread": True,
            "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        if key:
            environ["HTTP_IDEMPOTENCY_KEY"] = key
        statuses: list[str] = []
        answer = self._application(environ, lambda status, *_: statuses.append(status))
        text = b"".join(answer)
        answer.close()
        return [int(statuses[0].split()[0]), json.loads(text)]

    def load(self) -> None:
        """Load the engine's book."""
        self._engine.load()

    def process(self, number: int, encoded: str) -> int:
        """Process a batch; return how many hits have changed their order."""
        from market.quotes.tick_log import Batch

        before = self._engine.executor.executed_count
        self._engine.process_batch(Batch.decode(number, encoded))
        return self._engine.executor.executed_count - before


def main() -> None:
    """Do what each line names that comes in."""
    django.setup()
    process = CountedProcess()
    with socket(fileno=INHERITED) as connection, connection.makefile("rw") as channel:
        print(json.dumps(None), file=channel, flush=True)  # ready
        for line in channel:
            name, arguments = json.loads(line)
            print(json.dumps(getattr(process, name)(**arguments)), file=channel, flush=True)


if __name__ == "__main__":
    main()
