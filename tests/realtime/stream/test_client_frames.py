"""Client frames: account.switch, ping, and malformed ones."""

import json

import pytest
from websockets.exceptions import InvalidStatus

from accounts.models import Account
from tests.not_numbers import NO_INTEGERS
from tests.realtime.conftest import Connect
from tests.realtime.stream_client import StreamClient
from tests.realtime.stream_server import StreamServer

NOT_READ = [text for text in NO_INTEGERS if text.isprintable() and len(text) < 100]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"active_login": 100001},
        {"active_login": "100001"},
        {"login": 100001},
        {"data": {"active_login": 100001}},
        {"data": {"login": 100001}},
        {"data": 100001},
    ],
)
def test_switching_to_the_own_account_is_confirmed(
    client: Connect, alice: Account, fields: dict[str, object]
) -> None:
    answer = client(alice).ask({"event": "account.switch", **fields})
    assert answer == {"event": "account.switch", "success": True, "active_login": 100001}


def test_switching_to_another_account_is_refused(
    client: Connect, alice: Account, bob: Account
) -> None:
    answer = client(alice).ask({"event": "account.switch", "active_login": bob.login})
    assert answer == {"event": "account.switch", "success": False, "error": "PERMISSION_DENIED"}


def test_a_ping_is_answered(client: Connect, alice: Account) -> None:
    socket = client(alice)
    socket.send("ping")
    assert socket.text() == "pong"


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[1]",
        "7",
        "",
        '{"event":"dance"}',
        '{"event":["subscribe"]}',
        '{"event":"subscribe"}',
        '{"event":"subscribe","data":"EURUSD"}',
        '{"event":"subscribe","data":[1]}',
        '{"event":"resume"}',
        '{"event":"resume","since":-1}',
        '{"event":"resume","since":true}',
        '{"event":"resume","since":9223372036854775808}',
        '{"event":"resume","since":1.0}',
        *(f'{{"event":"resume","since":"{text}"}}' for text in NOT_READ),
        *(f'{{"event":"account.switch","login":"{text}"}}' for text in NOT_READ),
        '{"event":"account.switch","login":[]}',
        '{"authorization":"again"}',
        b"\x00\x01",
        "[" * 5000,
        json.dumps({"event": "subscribe", "data": ["x" * 65536]}),
        json.dumps({"event": "subscribe", "data": ["ü" * 32768]}, ensure_ascii=False),
    ],
    ids=lambda frame: str(frame[:40]),
)
def test_a_malformed_frame_gets_an_error(
    client: Connect, alice: Account, frame: str | bytes
) -> None:
    socket = client(alice)
    answer = socket.ask(frame)
    assert (answer["event"], answer["error"]) == ("error", "INVALID_DATA")
    assert answer["message"]
    socket.send("ping")
    assert socket.text() == "pong"


def test_a_frame_of_64_kib_is_read(client: Connect, alice: Account) -> None:
    frame = json.dumps({"event": "subscribe", "data": ["x" * 1000]})
    answer = client(alice).ask(frame.ljust(65536))
    assert answer["rejected"] == ["x" * 1000]


def test_a_fragmented_frame_is_reassembled(client: Connect, alice: Account) -> None:
    socket = client(alice)
    socket.socket.send(iter(['{"event":"acc', "ount.sw", 'itch"}']))
    assert socket.receive()["success"] is True


@pytest.mark.parametrize("since", [2**53, 2**63 - 1, 253_402_300_800])
def test_a_since_of_any_size_gets_resume_or_resync(
    client: Connect, alice: Account, since: int
) -> None:
    answer = client(alice).ask({"event": "resume", "since": since})
    assert answer["event"] in ("resume", "resync")


def test_ten_malformed_frames_close_the_socket(client: Connect, alice: Account) -> None:
    socket = client(alice)
    for _ in range(10):
        assert socket.ask("{")["error"] == "INVALID_DATA"
    assert socket.close_code() == 4400


@pytest.mark.parametrize("path", ["/ws", "/ws/", "/", ""])
def test_the_stream_is_at_two_paths(stream: StreamServer, alice: Account, path: str) -> None:
    with StreamClient(f"ws://127.0.0.1:{stream.port}{path}") as socket:
        socket.send("ping")
        assert socket.text() == "pong"


def test_other_paths_are_refused(stream: StreamServer, alice: Account) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        StreamClient(f"ws://127.0.0.1:{stream.port}/elsewhere")
