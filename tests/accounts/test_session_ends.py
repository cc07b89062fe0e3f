"""Ending sessions: no older copy of the user revives one, and no other session ends with it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.enums import SessionType
from accounts.models import Account, User
from accounts.services.sign_in import sign_in, sign_out
from core import redis
from core.errors import Denied, Unauthenticated
from core.session_tokens import SessionToken, user_of
from realtime.events.publish import account_channel
from tests.conftest import Signed, error_of


def test_saving_an_older_copy_of_the_user_ends_newer_sessions_as_well(alice: Account) -> None:
    stale = User.objects.get(pk=alice.pk)
    fresh = User.objects.get(pk=alice.pk)
    fresh.set_password("new password")
    fresh.save()
    _, token = sign_in(login=alice.pk, password="new password")
    assert user_of(token) == fresh
    stale.save(update_fields=stale.end_sessions())
    with pytest.raises(Unauthenticated):
        user_of(token)


def test_the_saved_user_object_has_the_new_session_version(alice: Account) -> None:
    alice.user.set_password("new password")
    alice.user.save()
    assert alice.user.session_version == 2
    alice.user.save()
    assert User.objects.get(pk=alice.pk).session_version == 2


def test_a_disabled_users_token_gets_account_disabled_although_its_session_ended(
    alice: Account, signed_in: Signed
) -> None:
    client = signed_in(alice)
    alice.user.enable = False
    alice.user.save(update_fields={"enable", *alice.user.end_sessions()})
    assert error_of(client.get("/account/me")) == (403, "RET_ACCOUNT_DISABLED")


def test_live_sessions_are_exactly_those_that_authenticate_a_request(
    alice: Account, bob: Account, eve: Account
) -> None:
    def session(account: Account, version: int = 1) -> SessionToken:
        return SessionToken.issue(account.login, 0, version)

    kept, gone, spared = session(alice), session(alice), session(bob, 1)
    User.objects.filter(pk=bob.pk).update(session_version=2, spared_jti=spared["jti"])
    sign_out(token=gone)
    tokens = [kept, gone, spared, session(bob, 1), session(bob, 2), session(eve), session(alice, 2)]
    asked = [(token["login"], token["version"], token["jti"]) for token in tokens]
    live = {(token["login"], token["version"], token["jti"]) for token in tokens if known(token)}
    assert User.objects.live_sessions(asked) == live == {asked[0], asked[2], asked[4]}
    assert User.objects.live_sessions([]) == set()


def known(token: SessionToken) -> bool:
    try:
        return bool(user_of(token))
    except (Unauthenticated, Denied):
        return False


@pytest.mark.django_db(transaction=True)
def test_a_sign_out_is_published_after_its_commit(alice: Account) -> None:
    heard: Any = redis.sync_client().pubsub()  # type: ignore[no-untyped-call]  # redis-py types it not
    heard.subscribe(account_channel(alice.login))
    heard.get_message(timeout=5)
    with transaction.atomic():
        sign_out(token=SessionToken.issue(alice.login, 0, 1))
        assert heard.get_message(timeout=0.1) is None
    assert heard.get_message(timeout=5)["type"] == "message"
    heard.close()


def test_createsuperuser_makes_an_administrator_who_can_sign_in(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "abcdefgh")
    call_command("createsuperuser", "--noinput", login="7")
    user, _ = sign_in(login=7, password="abcdefgh")
    assert (user.type, user.is_superuser, user.is_staff) == (SessionType.ADMIN, True, True)
