"""A token is verified once a process, but its end and its revocation are asked at each request."""

import time

import pytest

from accounts.models import Account
from core import session_tokens
from core.errors import Unauthenticated
from core.session_tokens import SessionToken
from tests.conftest import Signed, error_of

ENDED = (401, "PERMISSION_DENIED")


def test_a_verified_token_is_not_verified_again(alice: Account) -> None:
    raw = str(SessionToken.issue(alice.login, 0, 1))
    assert SessionToken.read(raw) is SessionToken.read(raw)


def test_a_remembered_token_ends_with_its_second(
    alice: Account, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(alice)
    assert client.get("/account/me").status_code == 200
    ends = int(time.time()) + session_tokens.SessionToken.lifetime.total_seconds()
    monkeypatch.setattr(time, "time", lambda: ends + 1)
    assert error_of(client.get("/account/me")) == ENDED


def test_a_remembered_token_ends_when_it_is_revoked(alice: Account, signed_in: Signed) -> None:
    client, other = signed_in(alice), signed_in(alice)
    assert client.get("/account/me").status_code == other.get("/account/me").status_code == 200
    assert client.post("/sign/out").status_code == 200
    assert error_of(client.get("/account/me")) == ENDED
    assert other.get("/account/me").status_code == 200
    alice.user.end_sessions()
    alice.user.save()
    assert error_of(other.get("/account/me")) == ENDED


def test_a_changed_byte_is_another_token(alice: Account) -> None:
    raw = str(SessionToken.issue(alice.login, 0, 1))
    SessionToken.read(raw)
    with pytest.raises(Unauthenticated):
        SessionToken.read(raw[:-3] + ("AAA" if raw[-3:] != "AAA" else "BBB"))


def test_no_more_tokens_are_remembered_than_the_limit(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_tokens, "MOST_VERIFIED", 3)
    for _ in range(10):
        SessionToken.read(str(SessionToken.issue(alice.login, 0, 1)))
    assert len(session_tokens._verified) <= 3
