"""The first frame, and everything that closes a session's socket."""

from datetime import timedelta

import pytest

from accounts.enums import SessionType
from accounts.models import Account, User
from realtime.events import publish
from tests.realtime.conftest import Connect, issue_token, new_token

INVALID = {"event": "authorization", "success": False, "error": "INVALID_TOKEN"}


def test_a_valid_token_is_accepted(client: Connect, alice: Account) -> None:
    answer = client().ask({"authorization": new_token(alice)})
    assert answer == {"event": "authorization", "success": True}


@pytest.mark.parametrize("raw", ["", "nonsense", "a.b.c", 7, None, {"x": 1}])
def test_a_bad_token_is_refused_and_closed(client: Connect, alice: Account, raw: object) -> None:
    socket = client()
    assert socket.ask({"authorization": raw}) == INVALID
    assert socket.close_code() == 4401


def test_a_tampered_token_is_refused(client: Connect, alice: Account) -> None:
    head, body, signature = new_token(alice).split(".")
    socket = client()
    assert socket.ask({"authorization": f"{head}.{body}.{signature[::-1]}"}) == INVALID


def test_an_older_session_version_is_refused(client: Connect, alice: Account) -> None:
    raw = new_token(alice)
    User.objects.filter(pk=alice.pk).update(session_version=2)
    assert client().ask({"authorization": raw}) == INVALID


def test_a_disabled_client_is_refused(client: Connect, alice: Account) -> None:
    raw = new_token(alice)
    User.objects.filter(pk=alice.pk).update(enable=False)
    assert client().ask({"authorization": raw}) == INVALID


def test_a_staff_session_is_refused(client: Connect, carol: User) -> None:
    socket = client()
    answer = socket.ask({"authorization": str(issue_token(carol))})
    assert answer == {**INVALID, "error": "UNSUPPORTED_SESSION"}
    assert socket.close_code() == 4401


def test_a_staff_session_is_refused_even_where_the_user_has_an_account(
    client: Connect, alice: Account
) -> None:
    User.objects.filter(pk=alice.pk).update(type=SessionType.MANAGER)
    assert client().ask({"authorization": new_token(alice)})["error"] == "UNSUPPORTED_SESSION"


def test_any_other_frame_before_the_authorization_is_refused(
    client: Connect, alice: Account
) -> None:
    socket = client()
    assert socket.ask({"event": "subscribe", "data": ["EURUSD"]}) == INVALID
    assert socket.close_code() == 4401


def test_a_socket_without_authorization_is_closed_after_ten_seconds(
    client: Connect, alice: Account
) -> None:
    silent, pinging, authorized = client(), client(), client(alice)
    pinging.send("ping")
    assert pinging.text() == "pong"
    assert silent.close_code(within=13) == 4408
    assert pinging.close_code(within=3) == 4408
    authorized.send("ping")
    assert authorized.text() == "pong"


def test_the_tokens_expiry_closes_the_socket(client: Connect, alice: Account) -> None:
    short = issue_token(alice.user)
    short.set_exp(lifetime=timedelta(seconds=2))
    socket = client()
    assert socket.ask({"authorization": str(short)})["success"]
    assert socket.close_code() == 4401


def test_ending_all_sessions_closes_all_sockets(client: Connect, alice: Account) -> None:
    sockets = [client(alice), client(alice)]
    publish.publish_session_end(alice.login)
    assert [socket.close_code() for socket in sockets] == [4401, 4401]


def test_a_sign_out_closes_the_sockets_of_its_token_only(client: Connect, alice: Account) -> None:
    session = issue_token(alice.user)
    gone, other = client(), client(alice)
    assert gone.ask({"authorization": str(session)})["success"]
    publish.publish_session_end(alice.login, session["jti"])
    assert gone.close_code() == 4401
    other.send("ping")
    assert other.text() == "pong"


def test_ending_one_logins_sessions_leaves_others_open(
    client: Connect, alice: Account, bob: Account
) -> None:
    gone, other = client(alice), client(bob)
    publish.publish_session_end(alice.login)
    assert gone.close_code() == 4401
    other.send("ping")
    assert other.text() == "pong"


def test_the_eleventh_socket_closes_the_oldest(client: Connect, alice: Account) -> None:
    sockets = [client(alice) for _ in range(11)]
    assert sockets[0].close_code() == 4429
    for socket in sockets[1:]:
        socket.send("ping")
        assert socket.text() == "pong"
