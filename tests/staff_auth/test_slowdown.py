"""Password guesses slow down unknown devices, not known ones."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry, SignIn
from tests.backoffice.forms import sign_in
from tests.conftest import Signed, error_of
from tests.factories import PASSWORD
from tests.staff_auth.conftest import AuthenticatorApp
from tests.staff_auth.sign_in_tries import (
    AWAY,
    HOME,
    SLOWED,
    WRONG,
    fail_from_many_networks,
    is_in,
    outcomes,
    sign_in_over_rest,
    sign_in_to_admin,
    wait_out,
)


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.LIMIT_SIGN_FAILURES = 2
    settings.STAFF_LOCKOUT_TRIES = 5


def test_guesses_from_many_networks_slow_down_unknown_devices_for_a_stated_time(
    alice: Account,
) -> None:
    answers = fail_from_many_networks(alice.login)
    assert [error_of(answer) for answer in answers] == [WRONG] * 8 + [SLOWED] * 13
    unknown = sign_in_over_rest(alice.login)
    assert error_of(unknown) == SLOWED
    assert 100 < int(unknown.headers["Retry-After"]) <= 113
    assert "device that has signed in before" in unknown.json()["message"]
    assert outcomes() == ["USER_NOT_FOUND_OR_INCORRECT"] * 8 + ["SLOWED"] * 14
    wait_out()
    assert sign_in_over_rest(alice.login).status_code == 200


def test_a_device_that_has_signed_in_before_is_not_slowed_down(alice: Account) -> None:
    device = sign_in_over_rest(alice.login)
    fail_from_many_networks(alice.login)
    assert error_of(sign_in_over_rest(alice.login)) == SLOWED
    for address in (HOME, AWAY, "10.0.1.1"):
        assert sign_in_over_rest(alice.login, address=address, device=device).status_code == 200


def test_known_devices_of_staff_are_not_slowed_down_in_admin_or_rest(carol: User) -> None:
    device = sign_in_to_admin(3)
    fail_from_many_networks(3)
    assert is_in(sign_in_to_admin(3, AWAY, device=device))
    assert sign_in_over_rest(3, address=AWAY, device=device).status_code == 200
    assert not is_in(sign_in_to_admin(3, AWAY))
    assert error_of(sign_in_over_rest(3, address=AWAY)) == SLOWED
    assert outcomes()[-2:] == ["SLOWED", "SLOWED"]


def test_the_backoffice_says_that_the_login_is_slowed_down(carol: User) -> None:
    fail_from_many_networks(3)
    page = sign_in(Client(REMOTE_ADDR=HOME), "3")
    text = str(page.context["form"].non_field_errors()[0])
    assert text.startswith("Too many tries: too many failed tries of this login: try again in ")


def test_a_second_factor_passes_the_slowdown_in_admin_and_rest(telephone: AuthenticatorApp) -> None:
    fail_from_many_networks(3)
    assert is_in(sign_in_to_admin(3, code=telephone.code()))
    telephone.forget_used_codes()
    assert sign_in_over_rest(3, code=telephone.code()).status_code == 200
    assert sign_in_over_rest(3, address=AWAY, code=telephone.recovery[0]).status_code == 200


@pytest.mark.parametrize("password", [PASSWORD, "not the password"])
@pytest.mark.parametrize("login", [1, 3, 77, 100001])
@pytest.mark.usefixtures("telephone", "admin", "alice")
def test_a_wrong_code_does_not_reveal_whether_the_password_was_right(
    login: int, password: str
) -> None:
    fail_from_many_networks(login)
    answer = sign_in_over_rest(login, password, code="000000")
    assert error_of(answer) == SLOWED
    assert "device that has signed in before" in answer.json()["message"]


def test_wrong_codes_with_the_right_password_are_still_limited(
    telephone: AuthenticatorApp, settings: Any
) -> None:
    fail_from_many_networks(3)
    for number in range(20):
        assert error_of(sign_in_over_rest(3, address=f"10.1.{number}.1", code="000000")) == SLOWED
    assert outcomes()[-20:] == ["WRONG_CODE"] * 20
    assert error_of(sign_in_over_rest(3, code=telephone.code())) == SLOWED
    assert outcomes()[-1] == "LOCKED_OUT"


def test_one_networks_failures_do_not_slow_down_other_networks(alice: Account) -> None:
    tries = [sign_in_over_rest(alice.login, "not the password", AWAY) for _ in range(30)]
    assert [error_of(answer) for answer in tries] == [WRONG] * 2 + [SLOWED] * 28
    assert error_of(sign_in_over_rest(alice.login, address=AWAY)) == SLOWED
    assert sign_in_over_rest(alice.login).status_code == 200


def test_the_right_password_is_no_failed_try(alice: Account, carol: User) -> None:
    User.objects.create_user(100009, PASSWORD)
    for _ in range(12):
        assert sign_in_over_rest(alice.login).status_code == 200
        assert error_of(sign_in_over_rest(100009)) == (404, "GROUP_NOT_FOUND")
        assert is_in(sign_in_to_admin(3))


def test_a_known_devices_guesses_are_limited_as_well(alice: Account) -> None:
    device = sign_in_over_rest(alice.login)
    tries = [
        error_of(
            sign_in_over_rest(alice.login, "not the password", f"10.0.{number}.1", device=device)
        )
        for number in range(6)
    ]
    assert tries == [WRONG] * 2 + [SLOWED] * 4
    assert sign_in_over_rest(alice.login).status_code == 200, "nobody else is slowed down by it"


def test_a_device_is_known_only_to_the_logins_it_signed_in_to(alice: Account, bob: Account) -> None:
    device = sign_in_over_rest(alice.login)
    fail_from_many_networks(bob.login)
    assert error_of(sign_in_over_rest(bob.login, device=device)) == SLOWED
    wait_out()
    both = sign_in_over_rest(bob.login, device=device)
    fail_from_many_networks(alice.login)
    fail_from_many_networks(bob.login)
    assert sign_in_over_rest(alice.login, device=both).status_code == 200
    assert sign_in_over_rest(bob.login, device=both).status_code == 200


def test_a_forged_or_foreign_cookie_is_ignored(alice: Account, settings: Any) -> None:
    device = sign_in_over_rest(alice.login)
    fail_from_many_networks(alice.login)
    good = device.cookies["device"].value
    for bad in ("", "x", good[:-1], good + "x", good.replace(":", ".")):
        device.cookies["device"] = bad
        assert error_of(sign_in_over_rest(alice.login, device=device)) == SLOWED
    settings.SECRET_KEY = "another key that signs nothing of this platform, 0123456789"
    device.cookies["device"] = good
    assert error_of(sign_in_over_rest(alice.login, device=device)) == SLOWED


def test_the_cookie_is_http_only_and_same_site(alice: Account, carol: User) -> None:
    for cookies in (sign_in_over_rest(alice.login).cookies, sign_in_to_admin(3).cookies):
        cookie = cookies["device"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
        assert cookie["max-age"] == 400 * 86_400
    assert "device" not in sign_in_over_rest(alice.login, "not the password").cookies
    assert (
        "device"
        not in sign_in_to_admin(3, code="", device=None, address=HOME).get("/admin/").cookies
    )


def test_a_stolen_sessions_password_guesses_from_many_networks_are_limited(
    alice: Account, signed_in: Signed
) -> None:
    fail_from_many_networks(alice.login)
    client = signed_in(alice)
    body = {"old_password": "not the password", "password": "something new"}
    tries = [client.put("/password", body, REMOTE_ADDR=f"10.2.{n}.1") for n in range(4)]
    wrong = (401, "UPDATE_PASSWORD_ERROR")
    assert [error_of(answer) for answer in tries] == [wrong, wrong, SLOWED, SLOWED]
    own = {"old_password": PASSWORD, "password": "something new"}
    assert signed_in(alice).put("/password", own).status_code == 200, "a session of its own count"


@pytest.mark.parametrize("login", [3, 100001])
@pytest.mark.usefixtures("alice", "carol")
def test_unlock_ends_the_slowdown_at_once(login: int, capsys: Any) -> None:
    fail_from_many_networks(login)
    assert error_of(sign_in_over_rest(login)) == SLOWED
    call_command("unlock", str(login), "--reason", "she called")
    assert "can sign in again" in capsys.readouterr().out
    assert sign_in_over_rest(login).status_code == 200
    entry = Entry.objects.get()
    assert (entry.action, entry.staff_id, entry.key) == ("unlock", None, str(login))
    assert (entry.reason, entry.before) == ("she called", {"locked_out": True})
    assert entry.after == {"locked_out": False}


def test_unlock_frees_locked_networks_as_well(carol: User, settings: Any) -> None:
    settings.LIMIT_SIGN_FAILURES = 10
    for _ in range(10):
        sign_in_over_rest(3, "not the password")
    assert not is_in(sign_in_to_admin(3))
    call_command("unlock", "3")
    assert is_in(sign_in_to_admin(3))


def test_unlock_frees_networks_that_failed_before_a_successful_sign_in(
    admin: User, alice: Account, settings: Any
) -> None:
    settings.STAFF_LOCKOUT_MINUTES = 1  # a shorter time than failures are counted for
    device = sign_in_over_rest(alice.login)
    for _ in range(2):
        sign_in_over_rest(alice.login, "not the password", AWAY)
    SignIn.objects.update(time=F("time") - 120_000)
    assert sign_in_over_rest(alice.login, device=device).status_code == 200
    assert error_of(sign_in_over_rest(alice.login, address=AWAY)) == SLOWED
    page = sign_in_to_admin(1).get(f"/admin/accounts/user/{alice.login}/change/").content.decode()
    assert "do/unlock/" in page
    call_command("unlock", str(alice.login))
    assert sign_in_over_rest(alice.login, address=AWAY).status_code == 200


def test_the_command_refuses_an_unknown_login(db: None) -> None:
    with pytest.raises(CommandError, match="there is no login 4711"):
        call_command("unlock", "4711")
    assert not Entry.objects.exists()


def test_an_administrator_unlocks_a_client(admin: User, alice: Account) -> None:
    client = sign_in_to_admin(1)
    page = f"/admin/accounts/user/{alice.login}/"
    assert "do/unlock/" not in client.get(f"{page}change/").content.decode()
    fail_from_many_networks(alice.login)
    assert "do/unlock/" in client.get(f"{page}change/").content.decode()
    form = client.get(f"{page}do/unlock/").context["form"]
    data = {"reason": "he called", "form": form["form"].value()}
    assert client.post(f"{page}do/unlock/", data).status_code == 302
    assert sign_in_over_rest(alice.login).status_code == 200


def test_limits_names_the_rules(alice: Account, signed_in: Signed) -> None:
    sign_in_over_rest(alice.login, "not the password", "127.0.0.1")
    rows = {row[0]: row[1:5] for row in signed_in(alice).get("/limits").json()["rows"] if row[3]}
    assert rows == {
        "sign_failures": ["login_address", 2, 900, 1],
        "sign_failures_anywhere": ["login", 8, 900, 7],
        "sign_failures_known": ["login", 8, 900, 8],
    }
