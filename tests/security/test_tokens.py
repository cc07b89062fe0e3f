"""Forged, foreign and revoked tokens are refused, in the header and in the cookie."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import IntegrityError
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import Account, User
from core.errors import Unauthenticated
from core.session_tokens import SessionToken
from tests.conftest import Signed, error_of

Payload = dict[str, Any]
KEY = settings.SECRET_KEY


def coded(part: Any) -> str:
    return coded_text(json.dumps(part))


def coded_text(text: str) -> str:
    return coded_bytes(text.encode())


def coded_bytes(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(payload: Payload, key: str = KEY, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers or None)


def unsigned(payload: Payload, algorithm: str) -> str:
    return f"{coded({'alg': algorithm, 'typ': 'JWT'})}.{coded(payload)}."


def tampered(payload: Payload) -> str:
    """Alice's signature under another payload."""
    header, _, signature = signed(payload).split(".")
    return f"{header}.{coded({**payload, 'login': 1, 'type': 3})}.{signature}"


def cut(payload: Payload) -> str:
    return signed(payload)[:-2]


def later(seconds: int) -> int:
    return int(time.time()) + seconds


FORGED: dict[str, Callable[[Payload], str]] = {
    "alg none": lambda p: unsigned(p, "none"),
    "alg None": lambda p: unsigned(p, "None"),
    "alg HS256 without a signature": lambda p: unsigned(p, "HS256"),
    "a foreign key": lambda p: signed(p, "x" * 50),
    "an empty key": lambda p: signed(p, " "),
    "another algorithm": lambda p: signed(p, algorithm="HS512"),
    "expired": lambda p: signed({**p, "exp": later(-1)}),
    "never expires": lambda p: signed({k: v for k, v in p.items() if k != "exp"}),
    "not yet valid": lambda p: signed({**p, "nbf": later(600)}),
    "tampered": tampered,
    "cut": cut,
    "no jti": lambda p: signed({k: v for k, v in p.items() if k != "jti"}),
    "no version": lambda p: signed({k: v for k, v in p.items() if k != "version"}),
    "an older version": lambda p: signed({**p, "version": p["version"] - 1}),
    "a newer version": lambda p: signed({**p, "version": p["version"] + 1}),
    "another kind of token": lambda p: signed({**p, "token_type": "refresh"}),
    "a login as text": lambda p: signed({**p, "login": str(p["login"])}),
    "a login as truth": lambda p: signed({**p, "login": True}),
    "a login beyond the column": lambda p: signed({**p, "login": 2**70}),
    "a login of nobody": lambda p: signed({**p, "login": 99}),
    "a negative login": lambda p: signed({**p, "login": -p["login"]}),
    "a version beyond the column": lambda p: signed({**p, "version": 2**70}),
    "an end beyond all clocks": lambda p: signed({**p, "exp": 10**20}),
    "an end in the year 10000": lambda p: signed({**p, "exp": 253_402_300_800}),
    "an end with a fraction": lambda p: signed({**p, "exp": later(600) + 0.5}),
    "an infinite end": lambda p: signed({**p, "exp": float("inf")}),
    "no beginning": lambda p: signed({k: v for k, v in p.items() if k != "iat"}),
    "an empty jti": lambda p: signed({**p, "jti": ""}),
    "an empty jti of another version": lambda p: signed({**p, "jti": "", "version": 7}),
    "a jti with NUL": lambda p: signed({**p, "jti": "\0" * 32}),
    "a jti that is no text": lambda p: signed({**p, "jti": 5}),
    "a jti beyond the column": lambda p: signed({**p, "jti": "a" * 33}),
    "a jti of other letters": lambda p: signed({**p, "jti": "\N{ARABIC-INDIC DIGIT ONE}" * 32}),
    "a header without end": lambda p: f"{coded_text('[' * 40_000)}.{coded(p)}.x",
    "a key from an address": lambda p: signed(p, jku="https://example.com/key", kid="../../x"),
}
HARMLESS = {"a key from an address"}  # our own signature: what its header names is not looked at


@pytest.mark.parametrize("way", ["header", "bearer", "cookie"])
def test_forged_tokens_are_refused(
    alice: Account, anonymous: APIClient, way: str, subtests: pytest.Subtests
) -> None:
    for name, forge in FORGED.items():
        payload = dict(SessionToken.issue(alice.login, 0, alice.user.session_version).payload)
        token = forge(payload)
        if way == "cookie":
            anonymous.cookies["token"] = token
        else:
            prefix = "Bearer " if way == "bearer" else ""
            anonymous.credentials(HTTP_AUTHORIZATION=prefix + token)
        with subtests.test(name):
            answer = anonymous.get("/account/me")
            if name in HARMLESS:
                assert answer.status_code == 200
            else:
                assert error_of(answer) == (401, "PERMISSION_DENIED")


# These are well-formed and ours: the database alone knows that nobody has such a session.
ASKED = {"an older version", "a newer version", "a login of nobody"}


def test_the_stream_reads_tokens_by_the_same_rules(
    alice: Account, subtests: pytest.Subtests
) -> None:
    for name in sorted(set(FORGED) - ASKED - HARMLESS):
        payload = dict(SessionToken.issue(alice.login, 0, 1).payload)
        with subtests.test(name), pytest.raises(Unauthenticated):
            SessionToken.read(FORGED[name](payload))


patiently = trying(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CLAIMS = ["login", "type", "version", "iat", "exp", "nbf", "jti", "token_type", "aud", "iss", "sub"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.just([]),
    st.just({}),
)


@patiently
@given(st.dictionaries(st.sampled_from(CLAIMS), VALUES, max_size=3))
@example({"exp": 10**400})
def test_any_claims_in_a_signed_token_are_read_or_refused(claims: Payload) -> None:
    issued = dict(SessionToken.issue(100001, 0, 1).payload)
    token = f"{coded({'alg': 'HS256', 'typ': 'JWT'})}.{coded({**issued, **claims})}"
    signature = hmac.digest(KEY.encode(), token.encode(), "sha256")
    with suppress(Unauthenticated):
        read = SessionToken.read(f"{token}.{coded_bytes(signature)}")
        assert read["jti"]
        assert datetime.fromtimestamp(read["exp"], UTC) > datetime.now(UTC)
        assert all(0 <= read[claim] < 2**63 for claim in ("login", "type", "version"))


@patiently
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@example(".".join([coded_text("[" * 40_000)] * 3))
def test_random_bytes_as_a_token_are_refused(raw: str) -> None:
    with pytest.raises(Unauthenticated):
        SessionToken.read(raw)


def test_an_empty_jti_is_never_spared(alice: Account, anonymous: APIClient) -> None:
    """An empty `jti` was once equal to the empty text of a user who spares none."""
    assert alice.user.spared_jti is None
    alice.user.save(update_fields=alice.user.end_sessions())
    assert User.objects.get(pk=alice.pk).spared_jti is None
    assert User.objects.live_sessions([(alice.login, 1, ""), (alice.login, 7, "")]) == set()
    assert User.objects.for_session(alice.login, 7, "") is None


def test_the_database_refuses_an_empty_spared_token(alice: Account) -> None:
    with pytest.raises(IntegrityError, match="user_spares_a_token_or_none"):
        User.objects.filter(pk=alice.pk).update(spared_jti="")


def test_rights_come_from_the_database_not_from_the_token(
    alice: Account, anonymous: APIClient
) -> None:
    """The type in a token is for the terminal: rights come from the database."""
    token = SessionToken.issue(alice.login, 3, alice.user.session_version)
    anonymous.credentials(HTTP_AUTHORIZATION=str(token))
    assert error_of(anonymous.get("/account/me?login=100002")) == (403, "PERMISSION_DENIED")


def test_a_revoked_token_stays_revoked_after_new_sign_ins(
    alice: Account, anonymous: APIClient, signed_in: Signed
) -> None:
    old = signed_in(alice)
    assert old.post("/sign/out").status_code == 200
    assert signed_in(alice).get("/account/me").status_code == 200
    assert error_of(old.get("/account/me")) == (401, "PERMISSION_DENIED")


def test_a_token_of_another_platforms_key_is_void_after_the_key_has_changed(
    alice: Account, anonymous: APIClient, signed_in: Signed
) -> None:
    payload = dict(SessionToken.issue(alice.login, 0, 1).payload)
    anonymous.credentials(
        HTTP_AUTHORIZATION=signed(payload, "the key of last year, 32 chars or so")
    )
    assert error_of(anonymous.get("/sign/check")) == (401, "PERMISSION_DENIED")


@pytest.mark.parametrize("size", [5_000, 60_000])
def test_a_huge_token_is_refused(alice: Account, anonymous: APIClient, size: int) -> None:
    payload = dict(SessionToken.issue(alice.login, 0, 1).payload) | {"x": "y" * size}
    anonymous.credentials(HTTP_AUTHORIZATION=signed(payload, "z" * 40))
    assert error_of(anonymous.get("/account/me")) == (401, "PERMISSION_DENIED")


def test_staff_who_became_clients_lose_their_rights_at_once(
    dan: User, alice: Account, signed_in: Signed
) -> None:
    client = signed_in(dan)
    assert client.get("/account/me?login=100001").status_code == 200
    User.objects.filter(pk=dan.pk).update(type=0)
    assert error_of(client.get("/account/me?login=100001"))[0] in (400, 403)
