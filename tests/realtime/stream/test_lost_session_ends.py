"""A session that ended without its message: the next heartbeat closes its sockets."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from accounts.models import Account, User
from accounts.revoked_token import RevokedToken
from accounts.services.sign_in import sign_out
from core.session_tokens import SessionToken
from tests.realtime.conftest import Connect, issue_token
from tests.realtime.stream_client import StreamClient

BEAT = 5.0  # seconds; the hub's
End = Callable[[SessionToken], object]


def disable(token: SessionToken) -> None:
    User.objects.filter(pk=token["login"]).update(enable=False)


def new_password(token: SessionToken) -> None:
    User.objects.filter(pk=token["login"]).update(session_version=token["version"] + 1)


def revoke(token: SessionToken) -> None:
    expires = datetime.fromtimestamp(token["exp"], tz=UTC)
    RevokedToken.objects.create(jti=token["jti"], expires=expires)


def connected(client: Connect, session: SessionToken) -> StreamClient:
    socket = client()
    assert socket.ask({"authorization": str(session)})["success"]
    return socket


@pytest.mark.parametrize("end", [disable, new_password, revoke])
def test_a_heartbeat_closes_the_socket_of_an_ended_session(
    client: Connect, alice: Account, bob: Account, end: End
) -> None:
    session = issue_token(alice.user)
    gone, other = connected(client, session), client(bob)
    end(session)
    assert gone.close_code(within=BEAT + 3) == 4401
    other.send("ping")
    assert other.text() == "pong"


def test_a_heartbeat_keeps_the_session_that_changed_the_password(
    client: Connect, alice: Account
) -> None:
    kept, ended = issue_token(alice.user), issue_token(alice.user)
    stays, gone = connected(client, kept), connected(client, ended)
    User.objects.filter(pk=alice.pk).update(session_version=2, spared_jti=kept["jti"])
    assert gone.close_code(within=BEAT + 3) == 4401
    stays.send("ping")
    assert stays.text() == "pong"


def test_a_sign_out_closes_its_socket_at_once(client: Connect, alice: Account) -> None:
    session = issue_token(alice.user)
    socket = connected(client, session)
    sign_out(token=session)
    assert socket.close_code(within=BEAT - 1) == 4401
