"""The pages of reference and the stream's document say what the code has."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from api.errors import CODE_OF_STATUS
from config.reference.codes import error_codes, wire_enums
from config.reference.stream_document import build_document, document_text
from config.reference.stream_frames import array_frames
from core.errors import Refused
from realtime.events.types import StreamEvent
from tests.error_codes import client_errors


def test_the_committed_document_has_not_drifted() -> None:
    committed = Path(settings.BASE_DIR, "docs", "asyncapi.yaml").read_text(encoding="utf-8")
    assert committed == document_text(), "run: PYTHONPATH=platform python -m config.reference"


def test_every_kind_of_event_is_in_the_document_with_all_its_fields() -> None:
    frames = {frame.letter: [name for name, _ in frame.fields] for frame in array_frames()}
    events = {event.letter: [*event.__match_args__] for event in StreamEvent.__subclasses__()}
    assert {letter: frames[letter] for letter in events} == events
    assert frames.keys() - events.keys() == {"t", "h"}


def test_every_field_says_what_it_means() -> None:
    silent = [
        f"{frame.letter} {name}"
        for frame in array_frames()
        for name, schema in frame.fields
        if not schema.get("description") or not schema.get("type")
    ]
    assert silent == []


def test_the_references_of_the_document_lead_somewhere() -> None:
    document = build_document()
    text = document_text()
    for line in text.splitlines():
        if "$ref: '#/" in line:
            found: object = document
            for part in line.partition("#/")[2].rstrip("'").split("/"):
                assert isinstance(found, dict)
                found = found[part]


@pytest.mark.parametrize("path", ["/docs/stream", "/docs/codes/", "/schema/stream"])
def test_the_pages_need_no_session_and_nothing_from_outside(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "http://" not in text
    assert "https://" not in text
    if answer["Content-Type"].startswith("text/html"):
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert " style=" not in text
        assert "<script>" not in text


def test_the_codes_page_has_every_code_and_enum() -> None:
    page = Client().get("/docs/codes").content.decode()
    codes = {error.code for error in client_errors()} - {Refused.code} | {*CODE_OF_STATUS.values()}
    assert [code for code in codes if f'id="{code}"' not in page] == []
    assert f'id="{Refused.code}"' not in page
    assert len(error_codes()) > 40
    names = {name for name, _ in wire_enums()}
    assert {"Cmd", "State", "Condition", "MarketReason", "NotificationType", "LevelUnit"} <= names
