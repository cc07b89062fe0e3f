"""`up` with small processes in place of the platform's, with real servers and signals.

Run as `python -m tests.runtime.small_processes`.
"""

import sys
from urllib.parse import urlsplit

from runtime import processes
from runtime.errors import CannotStart
from runtime.run_platform import run_platform

WEB = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""
# As `core.redis.mark_alive` does, without loading a client.
BEATING = """
import socket, sys, time
name, where, life = sys.argv[1:]
while True:
    try:
        with socket.socket(socket.AF_UNIX) as redis:
            redis.connect(where)
            redis.sendall(f"SET alive:{name} 1 EX {life}\\r\\n".encode())
            redis.recv(100)
    except OSError:
        pass
    time.sleep(1)
"""


def run_up() -> None:
    from django.conf import settings

    from core.redis import HEARTBEAT_LIFE

    def python(code: str, *words: str) -> list[str]:
        return [processes.PYTHON, "-c", code, *words]

    where, life = urlsplit(settings.REDIS_URL).path, str(HEARTBEAT_LIFE)
    beating = {name: python(BEATING, name, where, life) for name in processes.HEARTBEAT_PROCESSES}
    processes.process_commands = lambda: {"web": python(WEB, str(settings.PORT)), **beating}
    processes.manage_command = lambda *words: python("import sys; print(*sys.argv[1:])", *words)
    try:
        run_platform()
    except CannotStart as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    run_up()
