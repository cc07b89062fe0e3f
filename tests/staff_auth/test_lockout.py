"""The lock-out of staff after too many failed tries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import Entry, SignIn
from core.clock import now_ms
from staff_auth import lockout
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in
from tests.conftest import error_of
from tests.factories import PASSWORD
from tests.staff_auth.conftest import AuthenticatorApp, telephone

__all__ = ["telephone"]  # the fixture
HERE, THERE = "10.0.0.1", "10.0.0.2"
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _no_rate_limits(settings: Any) -> None:
    settings.LIMIT_SIGN_LOGIN = settings.LIMIT_SIGN_ADDRESS = 0


def try_sign_in(
    login: int, password: str = PASSWORD, address: str = HERE, code: str = ""
) -> Client:
    client = Client(REMOTE_ADDR=address)
    sign_in(client, str(login), password, code)
    return client


def fail_sign_in(login: int, times: int, address: str = HERE) -> None:
    for _ in range(times):
        try_sign_in(login, "not the password", address)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def sign_in_errors(login: int, address: str = HERE) -> str:
    page = sign_in(Client(REMOTE_ADDR=address), str(login), PASSWORD)
    return str(page.context["form"].non_field_errors()[0])


def age_tries(minutes: int) -> None:
    """Make all tries that many minutes older."""
    for row in SignIn.objects.all():
        SignIn.objects.filter(pk=row.pk).update(time=row.time - minutes * MINUTE)


def test_four_wrong_passwords_do_not_lock_out(carol: User) -> None:
    fail_sign_in(3, 4)
    assert is_in(try_sign_in(3))


def test_after_five_failures_the_right_password_is_refused(carol: User) -> None:
    fail_sign_in(3, 5)
    assert not is_in(try_sign_in(3))
    assert SignIn.objects.first().outcome == "LOCKED_OUT"  # type: ignore[union-attr]


def test_the_message_says_when_the_lock_out_ends(carol: User) -> None:
    fail_sign_in(3, 5)
    age_tries(5)
    text = sign_in_errors(3)
    assert text.startswith("Too many failed tries. This login can sign in again from 20")
    last = SignIn.objects.filter(outcome="USER_NOT_FOUND_OR_INCORRECT").earliest("id").time
    assert last + 15 * MINUTE > now_ms() + 9 * MINUTE


def test_an_unknown_login_gets_the_same_message(carol: User) -> None:
    fail_sign_in(3, 5)
    fail_sign_in(4711, 5)
    assert sign_in_errors(3)[:60] == sign_in_errors(4711)[:60]
    assert "Too many failed tries" in sign_in_errors(4711)


def test_the_lock_out_ends_after_15_minutes(carol: User) -> None:
    fail_sign_in(3, 5)
    age_tries(16)
    assert is_in(try_sign_in(3))


def test_tries_during_the_lock_out_do_not_prolong_it(carol: User) -> None:
    fail_sign_in(3, 5)
    age_tries(14)
    fail_sign_in(3, 5)
    age_tries(2)
    assert is_in(try_sign_in(3))


def test_another_address_is_not_locked_out(carol: User) -> None:
    fail_sign_in(3, 5)
    assert is_in(try_sign_in(3, address=THERE))


def test_failures_from_many_networks_do_not_lock_the_login_out_everywhere(carol: User) -> None:
    for number in range(21):
        fail_sign_in(3, 1, f"10.0.1.{number}")
    assert is_in(try_sign_in(3, address=THERE))


def test_the_addresses_of_one_ipv6_network_are_counted_together(carol: User) -> None:
    for number in range(5):
        fail_sign_in(3, 1, f"2001:db8:1:2::{number}")
    assert not is_in(try_sign_in(3, address="2001:db8:1:2:ffff::1"))
    assert is_in(try_sign_in(3, address="2001:db8:1:3::1"))


def test_code_guesses_with_the_password_from_many_networks_are_limited(
    telephone: AuthenticatorApp,
) -> None:
    for number in range(20):
        try_sign_in(3, PASSWORD, f"10.0.1.{number}", code="000000")
    assert not is_in(try_sign_in(3, code=telephone.code(), address=THERE))


def test_password_guesses_in_a_session_from_many_networks_are_limited(carol: User) -> None:
    client = try_sign_in(3)
    new = {"new_password1": "newhorse", "new_password2": "newhorse"}
    for number in range(21):
        address = f"10.0.1.{number}"
        client.post("/admin/password_change/", {"old_password": "x", **new}, REMOTE_ADDR=address)
    page = client.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert "try again later" in str(page.context["form"].errors)


def test_another_login_is_not_locked_out(carol: User, dan: User) -> None:
    fail_sign_in(3, 5)
    assert is_in(try_sign_in(2))


def test_a_successful_sign_in_resets_the_count(carol: User) -> None:
    fail_sign_in(3, 4)
    try_sign_in(3)
    fail_sign_in(3, 4)
    assert is_in(try_sign_in(3))


def test_wrong_codes_count_as_failures(telephone: AuthenticatorApp) -> None:
    for _ in range(5):
        try_sign_in(3, code="000000")
    assert not is_in(try_sign_in(3, code=telephone.code()))


def test_rest_failures_count_and_the_lock_out_there_looks_like_a_wrong_password(
    carol: User, anonymous: APIClient
) -> None:
    def answer(password: str) -> Any:
        return anonymous.post("/sign/in", {"login": 3, "password": password}, REMOTE_ADDR=HERE)

    wrong = [answer("not the password") for _ in range(5)]
    shut = answer(PASSWORD)
    assert error_of(shut) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    assert shut.json() == wrong[0].json()
    assert SignIn.objects.first().outcome == "LOCKED_OUT"  # type: ignore[union-attr]
    assert not is_in(try_sign_in(3))


def test_clients_are_not_locked_out(alice: Any, anonymous: APIClient) -> None:
    for _ in range(6):
        anonymous.post("/sign/in", {"login": alice.login, "password": "not the password"})
    answer = anonymous.post("/sign/in", {"login": alice.login, "password": PASSWORD})
    assert answer.status_code == 200


def test_the_lock_out_can_be_turned_off(carol: User, settings: Any) -> None:
    settings.STAFF_LOCKOUT_TRIES = 0
    fail_sign_in(3, 6)
    assert is_in(try_sign_in(3))


def test_an_administrator_unlocks_a_login(admin: User, carol: User, browser: Browser) -> None:
    fail_sign_in(3, 5)
    client = browser(admin)
    assert "do/unlock/" in client.get("/admin/accounts/user/3/change/").content.decode()
    form = client.get("/admin/accounts/user/3/do/unlock/").context["form"]
    data = {"reason": "she called", "form": form["form"].value()}
    assert client.post("/admin/accounts/user/3/do/unlock/", data).status_code == 302
    entry = Entry.objects.get(action="unlock")
    assert (entry.staff_id, entry.key, entry.reason) == (1, "3", "she called")
    assert (entry.before, entry.after) == ({"locked_out": True}, {"locked_out": False})
    assert is_in(try_sign_in(3))


def test_other_roles_cannot_unlock(carol: User, dan: User, browser: Browser) -> None:
    from django.contrib.auth.models import Group as Role

    dan.groups.add(Role.objects.get(name="manager"))
    fail_sign_in(3, 5)
    client = browser(dan)
    assert "do/unlock/" not in client.get("/admin/accounts/user/3/change/").content.decode()
    assert client.post("/admin/accounts/user/3/do/unlock/", {"reason": "x"}).status_code == 403


def test_the_admins_sign_in_shares_the_apis_rate_limits(
    carol: User, settings: Any, anonymous: APIClient
) -> None:
    settings.LIMIT_SIGN_LOGIN = 3
    for _ in range(2):
        try_sign_in(3, "not the password")
    wrong: Any = {"login": 3, "password": "not the password"}
    anonymous.post("/sign/in", wrong, REMOTE_ADDR=HERE)
    tried = SignIn.objects.count()
    assert sign_in_errors(3).startswith("Too many tries")
    assert not is_in(try_sign_in(3))
    assert SignIn.objects.count() == tried == 3, "what a rate limit refuses is not logged"


def test_the_admins_sign_in_is_rate_limited_by_address(carol: User, settings: Any) -> None:
    settings.LIMIT_SIGN_ADDRESS = 3
    for login in (71, 72, 73):
        fail_sign_in(login, 1)
    assert not is_in(try_sign_in(3))
    assert is_in(try_sign_in(3, address=THERE))


def test_counting_failures_reads_an_index(db: None) -> None:
    time, wrong = now_ms(), "USER_NOT_FOUND_OR_INCORRECT"
    SignIn.objects.bulk_create(
        SignIn(time=time, login=login % 500, address=HERE, door="api", outcome=wrong)
        for login in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_signin")
    plan = lockout.counted_failures(3).filter(address=HERE)[4:5].explain()
    assert "sign_in_tries" in plan or "sign_in_by_login" in plan, plan
    assert "Seq Scan" not in plan
