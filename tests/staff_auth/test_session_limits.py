"""Lifetime of a session in the backoffice."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from core.clock import now
from staff_auth.tasks import prune_sessions
from tests.backoffice.forms import sign_in

MINUTE, HOUR = 60, 3600


@pytest.fixture
def client(carol: User) -> Client:
    client = Client()
    assert sign_in(client, "3").status_code == 302
    return client


def pass_time(client: Client, **ago: int) -> None:
    """Date the session's start, or its last use, that many seconds back."""
    session = client.session
    for name, seconds in ago.items():
        session[name] = now() - seconds
    session.save()


def is_in(client: Client, **headers: str) -> bool:
    return client.get("/admin/", headers=headers).status_code == 200


def test_a_session_lasts_while_it_is_used(client: Client) -> None:
    for _ in range(3):
        pass_time(client, seen=29 * MINUTE)
        assert is_in(client)


def test_a_session_ends_after_30_idle_minutes(client: Client) -> None:
    pass_time(client, seen=30 * MINUTE)
    answer = client.get("/admin/accounts/account/?q=1")
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/login/?next=/admin/accounts/account/%3Fq%3D1"
    assert "Your session has ended" in client.get(answer["Location"]).content.decode()
    assert not is_in(client)
    assert not Session.objects.exists()


def test_background_requests_do_not_extend_a_session(client: Client) -> None:
    pass_time(client, seen=29 * MINUTE)
    before = client.session["seen"]
    assert is_in(client, x_background="1")
    assert client.session["seen"] == before
    pass_time(client, seen=31 * MINUTE)
    assert not is_in(client, x_background="1")


def test_a_background_request_is_refused_where_a_page_goes_to_the_sign_in(client: Client) -> None:
    pass_time(client, seen=31 * MINUTE)
    for _ in range(2):  # at the session's end, and afterwards
        assert client.get("/admin/", headers={"X-Background": "1"}).status_code == 403
    assert "Your session has ended" in client.get("/admin/login/").content.decode()


def test_a_session_ends_after_12_hours_although_it_is_used(client: Client) -> None:
    pass_time(client, began=12 * HOUR - MINUTE)
    assert is_in(client)
    pass_time(client, began=12 * HOUR)
    assert not is_in(client)


def test_the_limits_are_settings(client: Client, settings: Any) -> None:
    settings.STAFF_IDLE_MINUTES, settings.STAFF_SESSION_HOURS = 1, 1
    pass_time(client, seen=59)
    assert is_in(client)
    pass_time(client, seen=61)
    assert not is_in(client)


def test_a_sign_in_after_the_end_begins_a_new_one(client: Client) -> None:
    pass_time(client, began=12 * HOUR)
    assert sign_in(client, "3").status_code == 302
    assert is_in(client)


def test_an_ended_session_cannot_post_anything(client: Client) -> None:
    pass_time(client, seen=30 * MINUTE)
    answer = client.post("/admin/password_change/", {})
    assert answer["Location"].startswith("/admin/login/")


def test_the_session_row_is_not_written_on_every_request(
    client: Client, django_assert_num_queries: Any
) -> None:
    is_in(client)
    seen = client.session["seen"]
    pass_time(client, seen=5)
    is_in(client)
    assert client.session["seen"] in (seen - 5, now() - 5, now() - 6)
    pass_time(client, seen=20)
    is_in(client)
    assert client.session["seen"] >= now() - 2


def test_signing_in_gives_the_session_a_new_key(carol: User) -> None:
    client = Client()
    client.get("/admin/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies.load({"session": session.session_key or ""})
    before = session.session_key
    sign_in(client, "3")
    assert client.cookies["session"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_end_sessions_ends_a_session_at_the_next_request(client: Client, carol: User) -> None:
    carol.save(update_fields=carol.end_sessions())
    assert not is_in(client)


def test_disabled_staff_are_signed_out_at_the_next_request(client: Client, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(enable=False)
    assert not is_in(client)


def test_users_who_are_no_longer_staff_are_signed_out(client: Client, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(type=0)
    assert not is_in(client)


def test_changing_the_own_password_keeps_this_session_and_ends_the_others(
    client: Client, carol: User
) -> None:
    other = Client()
    sign_in(other, "3")
    new = {
        "old_password": "correct horse",
        "new_password1": "newhorse",
        "new_password2": "newhorse",
    }
    assert client.post("/admin/password_change/", new).status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_setting_the_own_password_on_the_users_page_keeps_this_session_only(admin: User) -> None:
    client, other = Client(), Client()
    sign_in(client, "1")
    sign_in(other, "1")
    new = {
        "password1": "newhorse",
        "password2": "newhorse",
        "set-password": "1",
        "_reason": "asked",
    }
    assert client.post("/admin/accounts/user/1/password/", new).status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_the_cookies_are_same_site_strict(client: Client) -> None:
    session, csrf = client.cookies["session"], Client()
    csrf.get("/admin/login/")
    for cookie in (session, csrf.cookies["csrf"]):
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert session["max-age"] == "", "gone with the browser"


def test_expired_session_rows_are_deleted(client: Client) -> None:
    assert Session.objects.count() == 1
    Session.objects.update(expire_date="2026-01-01T00:00:00Z")
    prune_sessions()
    assert not Session.objects.exists()
