"""Log lines are written whatever they contain: quickly, and without tracebacks."""

import logging
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from observe.redaction import redact_secrets
from tests.observe.captured_output import FORMATTERS, captured_log


class Unprintable:
    """An object whose text raises an error."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __repr__(self) -> str:
        raise self.error("hidden-from-the-log")


FORMS = {
    "many fields": b"&".join([b"a=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)),
    "large": b"username=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("style", sorted(FORMATTERS))
def test_a_form_that_django_refuses_is_one_warning_line(db: None, name: str, style: str) -> None:
    with captured_log(style) as log:
        form: Any = FORMS[name]
        answer = Client(enforce_csrf_checks=True).generic(
            "POST", "/admin/login/", form, "application/x-www-form-urlencoded",
            headers={"cookie": "csrf=" + "a" * 32},
        )  # fmt: skip
    assert answer.status_code == 400
    assert log.text.count("\n") == 2
    assert "WARNING" in log.text
    assert "ERROR" not in log.text
    assert "Traceback" not in log.text


@pytest.mark.parametrize("style", sorted(FORMATTERS))
@pytest.mark.parametrize("error", [ValueError, RuntimeError, RecursionError, UnicodeError])
def test_an_unprintable_message_is_reported_without_its_text(
    style: str, error: type[Exception]
) -> None:
    unspeakable = Unprintable(error)
    for words in ({"msg": "it said %s", "args": (unspeakable,)}, {"msg": unspeakable}):
        record = logging.makeLogRecord({**words, "name": "any", "levelname": "INFO"})
        line = FORMATTERS[style]().format(record)
        assert "hidden-from-the-log" not in line
        assert "failed" in line or "do not fit" in line


HOSTILE = [
    "a.",
    "-a",
    "token",
    "token-",
    "eyJ",
    "-eyJ",
    "argon2",
    "://",
    "://a:",
    "bearer ",
    "=token",
]


@pytest.mark.parametrize("part", HOSTILE)
def test_redaction_takes_linear_time(part: str) -> None:
    """20,000 characters of an address took a minute, and anybody can have them logged."""
    text = part * (100_000 // len(part))
    began = time.process_time()
    redact_secrets(text)
    assert time.process_time() - began < 2


def test_a_long_address_of_a_refused_form_is_logged_at_once(db: None) -> None:
    began = time.process_time()
    path = "/admin/" + "a." * 20_000
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert time.process_time() - began < 2
