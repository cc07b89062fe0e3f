"""The lock-out of staff after too many failed tries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import Entry, SignIn
from core.clock import now_ms
from door import lockout
from tests.backoffice.conftest import Browser
from tests.backoffice.forms import sign_in
from tests.conftest import error_of
from tests.door.conftest import Telephone, telephone
from tests.factories import PASSWORD

__all__ = ["telephone"]  # the fixture
HERE, THERE = "10.0.0.1", "10.0.0.2"
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _no_rate_limits(settings: Any) -> None:
    settings.LIMIT_SIGN_LOGIN = settings.LIMIT_SIGN_ADDRESS = 0


def knock(login: int, password: str = PASSWORD, address: str = HERE, code: str = "") -> Client:
    client = Client(REMOTE_ADDR=address)
    sign_in(client, str(login), password, code)
    return client


def fail(login: int, times: int, address: str = HERE) -> None:
    for _ in range(times):
        knock(login, "not the password", address)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def words(login: int, address: str = HERE) -> str:
    page = sign_in(Client(REMOTE_ADDR=address), str(login), PASSWORD)
    return str(page.context["form"].non_field_errors()[0])


def age(minutes: int) -> None:
    """Make all tries that many minutes older."""
    for row in SignIn.objects.all():
        SignIn.objects.filter(pk=row.pk).update(time=row.time - minutes * MINUTE)


def test_four_wrong_passwords_do_no_harm(carol: User) -> None:
    fail(3, 4)
    assert is_in(knock(3))


def test_after_five_the_right_password_is_refused_as_well(carol: User) -> None:
    fail(3, 5)
    assert not is_in(knock(3))
    assert SignIn.objects.first().outcome == "LOCKED_OUT"  # type: ignore[union-attr]


def test_the_message_says_until_when(carol: User) -> None:
    fail(3, 5)
    age(5)
    said = words(3)
    assert said.startswith("Too many failed tries. This login can sign in again from 20")
    last = SignIn.objects.filter(outcome="USER_NOT_FOUND_OR_INCORRECT").earliest("id").time
    assert last + 15 * MINUTE > now_ms() + 9 * MINUTE


def test_the_words_are_the_same_for_a_login_that_does_not_exist(carol: User) -> None:
    fail(3, 5)
    fail(4711, 5)
    assert words(3)[:60] == words(4711)[:60]
    assert "Too many failed tries" in words(4711)


def test_after_a_quarter_of_an_hour_the_door_is_open(carol: User) -> None:
    fail(3, 5)
    age(16)
    assert is_in(knock(3))


def test_tries_at_the_shut_door_do_not_keep_it_shut(carol: User) -> None:
    fail(3, 5)
    age(14)
    fail(3, 5)
    age(2)
    assert is_in(knock(3))


def test_another_address_is_not_shut_out(carol: User) -> None:
    fail(3, 5)
    assert is_in(knock(3, address=THERE))


def test_no_stranger_shuts_her_out_from_anywhere(carol: User) -> None:
    for number in range(21):
        fail(3, 1, f"10.0.1.{number}")
    assert is_in(knock(3, address=THERE))


def test_the_addresses_of_one_ipv6_network_are_counted_together(carol: User) -> None:
    for number in range(5):
        fail(3, 1, f"2001:db8:1:2::{number}")
    assert not is_in(knock(3, address="2001:db8:1:2:ffff::1"))
    assert is_in(knock(3, address="2001:db8:1:3::1"))


def test_who_knows_the_password_does_not_guess_the_code_from_many_networks(
    telephone: Telephone,
) -> None:
    for number in range(20):
        knock(3, PASSWORD, f"10.0.1.{number}", code="000000")
    assert not is_in(knock(3, code=telephone.code(), address=THERE))


def test_nor_does_an_open_session_guess_the_password_from_many(carol: User) -> None:
    client = knock(3)
    new = {"new_password1": "newhorse", "new_password2": "newhorse"}
    for number in range(21):
        address = f"10.0.1.{number}"
        client.post("/admin/password_change/", {"old_password": "x", **new}, REMOTE_ADDR=address)
    page = client.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    assert "try again later" in str(page.context["form"].errors)


def test_another_login_is_not_shut_out(carol: User, dan: User) -> None:
    fail(3, 5)
    assert is_in(knock(2))


def test_who_comes_in_begins_anew(carol: User) -> None:
    fail(3, 4)
    knock(3)
    fail(3, 4)
    assert is_in(knock(3))


def test_wrong_codes_count(telephone: Telephone) -> None:
    for _ in range(5):
        knock(3, code="000000")
    assert not is_in(knock(3, code=telephone.code()))


def test_rest_tries_count_and_its_door_is_shut_without_a_word(
    carol: User, anonymous: APIClient
) -> None:
    def answer(password: str) -> Any:
        return anonymous.post("/sign/in", {"login": 3, "password": password}, REMOTE_ADDR=HERE)

    wrong = [answer("not the password") for _ in range(5)]
    shut = answer(PASSWORD)
    assert error_of(shut) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    assert shut.json() == wrong[0].json()
    assert SignIn.objects.first().outcome == "LOCKED_OUT"  # type: ignore[union-attr]
    assert not is_in(knock(3))


def test_clients_keep_the_contracts_door(alice: Any, anonymous: APIClient) -> None:
    for _ in range(6):
        anonymous.post("/sign/in", {"login": alice.login, "password": "not the password"})
    answer = anonymous.post("/sign/in", {"login": alice.login, "password": PASSWORD})
    assert answer.status_code == 200


def test_it_can_be_turned_off(carol: User, settings: Any) -> None:
    settings.STAFF_LOCKOUT_TRIES = 0
    fail(3, 6)
    assert is_in(knock(3))


def test_an_administrator_unlocks(admin: User, carol: User, browser: Browser) -> None:
    fail(3, 5)
    client = browser(admin)
    assert "do/unlock/" in client.get("/admin/accounts/user/3/change/").content.decode()
    form = client.get("/admin/accounts/user/3/do/unlock/").context["form"]
    data = {"reason": "she called", "form": form["form"].value()}
    assert client.post("/admin/accounts/user/3/do/unlock/", data).status_code == 302
    entry = Entry.objects.get(action="unlock")
    assert (entry.staff_id, entry.key, entry.reason) == (1, "3", "she called")
    assert (entry.before, entry.after) == ({"locked_out": True}, {"locked_out": False})
    assert is_in(knock(3))


def test_nobody_else_does(carol: User, dan: User, browser: Browser) -> None:
    from django.contrib.auth.models import Group as Role

    dan.groups.add(Role.objects.get(name="manager"))
    fail(3, 5)
    client = browser(dan)
    assert "do/unlock/" not in client.get("/admin/accounts/user/3/change/").content.decode()
    assert client.post("/admin/accounts/user/3/do/unlock/", {"reason": "x"}).status_code == 403


def test_the_admins_door_has_the_limits_of_the_api(
    carol: User, settings: Any, anonymous: APIClient
) -> None:
    settings.LIMIT_SIGN_LOGIN = 3
    for _ in range(2):
        knock(3, "not the password")
    wrong: Any = {"login": 3, "password": "not the password"}
    anonymous.post("/sign/in", wrong, REMOTE_ADDR=HERE)
    tried = SignIn.objects.count()
    assert words(3).startswith("Too many tries")
    assert not is_in(knock(3))
    assert SignIn.objects.count() == tried == 3, "what a rate limit refuses is not logged"


def test_the_admins_door_counts_the_address(carol: User, settings: Any) -> None:
    settings.LIMIT_SIGN_ADDRESS = 3
    for login in (71, 72, 73):
        fail(login, 1)
    assert not is_in(knock(3))
    assert is_in(knock(3, address=THERE))


def test_the_count_reads_an_index(db: None) -> None:
    time, wrong = now_ms(), "USER_NOT_FOUND_OR_INCORRECT"
    SignIn.objects.bulk_create(
        SignIn(time=time, login=login % 500, address=HERE, door="api", outcome=wrong)
        for login in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_signin")
    plan = lockout.failures(3).filter(address=HERE)[4:5].explain()
    assert "sign_in_tries" in plan or "sign_in_by_login" in plan, plan
    assert "Seq Scan" not in plan
