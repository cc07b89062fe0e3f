"""`up` with small processes in place of the platform's, with real servers and signals.

Run as `python -m tests.runtime.small_processes`.
"""

import sys

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
BEATING = """
import sys, time
from core import redis
while True:
    redis.mark_alive(sys.argv[1])
    time.sleep(1)
"""


def run_up() -> None:
    from django.conf import settings

    def python(code: str, *words: str) -> list[str]:
        return [processes.PYTHON, "-c", code, *words]

    beating = {name: python(BEATING, name) for name in processes.HEARTBEAT_PROCESSES}
    processes.process_commands = lambda: {"web": python(WEB, str(settings.PORT)), **beating}
    processes.manage_command = lambda *words: python("import sys; print(*sys.argv[1:])", *words)
    try:
        run_platform()
    except CannotStart as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    run_up()
