"""No input can forge or break a log line."""

import logging

import orjson
import pytest
from django.test import Client

from tests.observe.captured_output import FORMATTERS, captured_log

HOSTILE = [
    "a\nINFO observe.middleware: GET /admin/ 200",
    'a\n{"level": "INFO", "message": "forged"}',
    "a\r\nb",
    "a\x1b[2J\x1b[31mred",
    "a\x9b31m",
    "a\x00b\x08\x7f",
    "a\u2028b\u2029c\x85d\x0b\x0ce",
    'a", "level": "CRITICAL',
    "a\ud800b",
]
CONTROLS = {chr(code) for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


def is_one_line(text: str) -> bool:
    return text.endswith("\n") and not CONTROLS & set(text[:-1])


@pytest.mark.parametrize("style", sorted(FORMATTERS))
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_message_stays_one_line(style: str, text: str) -> None:
    with captured_log(style) as log:
        logging.getLogger("any").info("it said %s", text)
    assert is_one_line(log.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_json_line_holds_the_exact_message(text: str) -> None:
    with captured_log() as log:
        logging.getLogger("any").info("it said %s", text)
    if "\ud800" not in text:  # half of a pair of surrogates: orjson refuses to read it
        assert orjson.loads(log.text)["message"] == f"it said {text}"


@pytest.mark.parametrize("text", HOSTILE)
def test_tracebacks_in_development_are_indented(text: str) -> None:
    with captured_log("line") as log:
        try:
            raise ValueError(text)
        except ValueError:
            logging.getLogger("any").exception("failed")
    first, *others = log.text.removesuffix("\n").split("\n")
    assert first == "ERROR any: failed"
    assert others
    assert all(line.startswith("  ") for line in others)
    assert not CONTROLS - {"\n"} & set(log.text)


@pytest.mark.parametrize("style", sorted(FORMATTERS))
def test_a_hostile_address_stays_one_line(db: None, style: str) -> None:
    addresses = ["/a%0AINFO%20forged", "/a%0D%0Ab", "/%1B[2J", "/%E2%80%A8x", "/%ff%fe", "/%C2%9B"]
    with captured_log(style) as log:
        for address in addresses:
            Client().get(address)
    assert log.text.count("\n") == len(addresses)
    assert not CONTROLS - {"\n"} & set(log.text)


def test_a_long_address_is_cut(db: None) -> None:
    with captured_log() as log:
        Client().get("/" + "x" * 5000)
    assert len(log.text) < 1000


@pytest.mark.parametrize("style", sorted(FORMATTERS))
def test_a_hostile_host_or_user_agent_forges_no_line(db: None, style: str) -> None:
    with captured_log(style) as log:
        answer = Client().get("/docs", HTTP_HOST="a\nINFO b", HTTP_USER_AGENT="c\nINFO d")
    assert answer.status_code in (200, 400)
    assert not [line for line in log.text.split("\n") if line.startswith("INFO b")]
    assert not [line for line in log.text.split("\n") if line.startswith("INFO d")]
