"""Staff's changes of users: profiles, passwords, access."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from redis.client import PubSub

from accounts.enums import SessionType
from accounts.models import Account, User
from core import redis
from core.session_tokens import SessionToken
from realtime.events.publish import account_channel
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in, submit
from tests.conftest import staff

ALICE = "/admin/accounts/user/100001/"
NEW = {"password1": "a new secret", "password2": "a new secret"}
REASON = {"_reason": "asked by phone"}


@pytest.fixture
def mary(db: None) -> User:
    return staff(4, "Mary", SessionType.MANAGER, "manager")


@pytest.fixture
def alices_channel() -> Iterator[PubSub]:
    client: Any = redis.sync_client()
    with client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(account_channel(100001))
        listener.get_message(timeout=2)
        yield listener


def token_works(token: SessionToken) -> bool:
    answer = Client().get("/sign/check", headers={"authorization": str(token)})
    return answer.status_code == 200


def test_a_new_password_works_and_ends_every_session(
    alice: Account,
    mary: User,
    browser: Browser,
    alices_channel: PubSub,
    django_capture_on_commit_callbacks: object,
) -> None:
    token = SessionToken.issue(alice.login, 0, alice.user.session_version)
    assert token_works(token)
    client = browser(mary)
    assert client.get(f"{ALICE}password/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = client.post(f"{ALICE}password/", {**NEW, **REASON})
        assert answer.status_code == 302
    user = User.objects.get(pk=alice.pk)
    assert user.check_password("a new secret")
    assert user.session_version == alice.user.session_version + 1
    assert not token_works(token)
    message = alices_channel.get_message(timeout=2)
    assert message
    assert message["data"] == '{"end":""}'


def test_staff_change_their_own_password_and_stay_in(carol: User, browser: Browser) -> None:
    client = browser(carol)
    form = {"old_password": "correct horse", "new_password1": NEW["password1"]}
    answer = client.post("/admin/password_change/", {**form, "new_password2": NEW["password2"]})
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert User.objects.get(pk=3).session_version == carol.session_version + 1
    assert sign_in(Client(), "3", NEW["password1"]).status_code == 302


@pytest.mark.parametrize("password", ["five5", "x" * 65, ""])
def test_a_password_that_sign_in_would_refuse_is_refused(
    alice: Account, mary: User, browser: Browser, password: str
) -> None:
    form = {"password1": password, "password2": password, **REASON}
    assert browser(mary).post(f"{ALICE}password/", form).status_code == 200
    assert User.objects.get(pk=alice.pk).session_version == alice.user.session_version


def test_a_user_is_never_left_without_a_password(
    alice: Account, mary: User, browser: Browser
) -> None:
    form = {"usable_password": "false", "unset-password": "1", **REASON}
    browser(mary).post(f"{ALICE}password/", form)
    assert User.objects.get(pk=alice.pk).check_password("correct horse")


def test_support_changes_neither_profile_nor_password(
    alice: Account, carol: User, browser: Browser
) -> None:
    client = browser(carol)
    assert client.get(f"{ALICE}change/").status_code == 200
    assert client.post(f"{ALICE}change/", {"name": "Mallory"}).status_code == 403
    assert client.post(f"{ALICE}password/", {**NEW, **REASON}).status_code == 403
    assert User.objects.get(pk=alice.pk).name == "Alice"


def test_a_manager_edits_a_profile_and_only_what_was_edited_is_written(
    alice: Account, mary: User, browser: Browser
) -> None:
    answer = submit(browser(mary), f"{ALICE}change/", city="Riga", type="3", groups="1")
    assert answer.status_code == 302
    user = User.objects.get(pk=alice.pk)
    assert (user.city, user.name, user.type, user.is_superuser) == ("Riga", "Alice", 0, False)
    assert not user.groups.exists()
    assert user.session_version == alice.user.session_version


def test_disabling_ends_the_sessions_for_good(alice: Account, mary: User, browser: Browser) -> None:
    token = SessionToken.issue(alice.login, 0, alice.user.session_version)
    client = browser(mary)
    assert submit(client, f"{ALICE}change/", enable=None).status_code == 302
    assert not token_works(token)
    assert submit(client, f"{ALICE}change/", enable="on").status_code == 302
    user = User.objects.get(pk=alice.pk)
    assert user.enable
    assert not token_works(token)
    assert token_works(SessionToken.issue(alice.login, 0, user.session_version))


@pytest.mark.parametrize("page", ["change/", "password/"])
def test_a_manager_cannot_change_staff(
    admin: User, carol: User, mary: User, browser: Browser, page: str
) -> None:
    client = browser(mary)
    for login in (1, 3, 4):
        url = f"/admin/accounts/user/{login}/{page}"
        assert client.post(url, {**NEW, "name": "Mallory"}).status_code == 403
    assert not User.objects.filter(name="Mallory").exists()
    assert User.objects.get(pk=1).check_password("correct horse")


def test_an_administrator_makes_an_administrator(
    admin: User, carol: User, browser: Browser
) -> None:
    answer = submit(browser(admin), "/admin/accounts/user/3/change/", type="3")
    assert answer.status_code == 302
    user = User.objects.get(pk=3)
    assert (user.type, user.is_superuser) == (SessionType.ADMIN, True)
    assert user.session_version == carol.session_version + 1


def test_an_administrator_cannot_disable_itself(admin: User, browser: Browser) -> None:
    client = browser(admin)
    answer = submit(client, "/admin/accounts/user/1/change/", enable=None, type="0", city="Riga")
    assert answer.status_code == 302
    user = User.objects.get(pk=1)
    assert (user.enable, user.type, user.city) == (True, SessionType.ADMIN, "Riga")


def test_users_cannot_be_added_or_deleted_in_the_admin(
    alice: Account, admin: User, browser: Browser
) -> None:
    client = browser(admin)
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"{ALICE}delete/", {"post": "yes"}).status_code == 403
