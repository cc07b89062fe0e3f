"""HTTPS in production: redirects, headers and cookies."""

import json
import os
from typing import Any

import pytest

from tests import forked
from tests.config.test_production_start import GOOD
from tests.runtime.process_helpers import ROOT

# Every address with its status and headers, asked of a process of its own.
ASK = """
import json, sys
import django; django.setup()
from django.test import Client
found = []
for path, headers in json.loads(sys.argv[1]):
    answer = Client(headers={"host": "broker.example", **headers}).get(path)
    found.append([answer.status_code, {k.lower(): v for k, v in answer.headers.items()}])
print(json.dumps(found))
"""
PROXIED = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}


def ask(path: str, headers: dict[str, str], **variables: str) -> tuple[int, dict[str, str]]:
    environment = {
        **os.environ,
        **GOOD,
        "PYTHONPATH": f"{ROOT}:{ROOT}/platform",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **variables,
    }
    done = forked.run(["-c", ASK, json.dumps([[path, headers]])], environment)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers[0][0], answers[0][1]


def test_http_redirects_to_https() -> None:
    status, headers = ask("/docs", {})
    assert (status, headers["location"]) == (301, "https://broker.example/docs")


def test_an_untrusted_proxys_header_is_ignored() -> None:
    assert ask("/docs", PROXIED)[0] == 301


def test_behind_a_trusted_proxy_forwarded_https_is_accepted() -> None:
    status, headers = ask("/docs", PROXIED, TRUSTED_PROXIES="1")
    assert status == 200
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/healthz"])
def test_probes_are_answered_over_http_at_any_host(path: str) -> None:
    assert ask(path, {"host": "10.0.0.7:8000"})[0] == 200


def test_production_metrics_need_a_token() -> None:
    assert ask("/metrics", {})[0] == 401
    assert ask("/metrics", {"authorization": "Bearer "})[0] == 401
