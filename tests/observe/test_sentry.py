"""SENTRY_DSN sends errors without secrets and personal data."""

import gzip
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings

from observe.sentry import scrub_event
from tests import forked

PASSWORD, TOKEN, NAME = "hunter2-hunter2", "token-of-the-request-0001", "Alice Example"
CHILD = """
import os
import django; django.setup()
import logging
from django.test import Client
import api.authentication

name, password, token = os.environ["OF_NAME"], os.environ["OF_PASSWORD"], os.environ["OF_TOKEN"]

def failing(self, request):
    local = name + password + token
    logging.getLogger("any").warning("a breadcrumb with password=" + password)
    words = "failed with password=" + password
    raise RuntimeError(words + " and " + request.META["HTTP_AUTHORIZATION"])

api.authentication.SessionTokenAuthentication.authenticate = failing
client = Client(raise_request_exception=False)
client.cookies["token"] = token
answer = client.post(
    "/trade/open?token=" + token, {"password": password}, content_type="application/json",
    headers={"authorization": token, "x-request-id": "request-0001"},
)
assert answer.status_code == 500
import sentry_sdk
sentry_sdk.flush(10)
"""


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    received: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        self.received.append(body.decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[str]]]:
    """Its DSN, and what it was sent."""
    received: list[str] = []
    handler = type("Handler", (Receiver,), {"received": received})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://publickey@127.0.0.1:{server.server_port}/1", received
    server.shutdown()
    server.server_close()


def run(**variables: str) -> "subprocess.CompletedProcess[str]":
    env = {
        **os.environ,
        "PYTHONPATH": f"{settings.BASE_DIR}:{settings.BASE_DIR}/platform",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_FORMAT": "json",
        "OF_NAME": NAME,
        "OF_PASSWORD": PASSWORD,
        "OF_TOKEN": TOKEN,
        **variables,
    }
    done = forked.run(["-c", CHILD], env)
    assert done.returncode == 0, done.stderr
    return done


def test_an_error_arrives_without_secrets(sentry: tuple[str, list[str]]) -> None:
    dsn, received = sentry
    done = run(SENTRY_DSN=dsn)
    sent = "\n".join(received)
    assert "RuntimeError" in sent
    assert '"request_id":"request-0001"' in sent.replace(" ", "")
    for secret in (PASSWORD, TOKEN, NAME):
        assert secret not in sent
        assert secret not in done.stdout + done.stderr


def test_without_a_dsn_sentry_is_not_imported() -> None:
    command = "import django; django.setup(); import sys; assert 'sentry_sdk' not in sys.modules"
    env = {
        **os.environ,
        "PYTHONPATH": f"{settings.BASE_DIR}/platform:{settings.BASE_DIR}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = forked.run(["-c", command], env)
    assert done.returncode == 0, done.stderr


def test_errors_that_any_client_can_cause_are_not_sent() -> None:
    event = {"exception": {}, "level": "error"}
    assert scrub_event({**event, "logger": "django.security.TooManyFieldsSent"}, None) is None
    assert scrub_event({**event, "logger": "django.request"}, None) is not None
