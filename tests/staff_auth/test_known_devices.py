"""Known devices of a login: how long they stay known, and how often they may fail together."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.core.management import call_command
from django.test import Client

from accounts.models import Account, User
from accounts.services import staff
from staff_auth import second_factor
from tests.conftest import Signed, error_of
from tests.factories import PASSWORD
from tests.staff_auth.sign_in_tries import (
    AWAY,
    SLOWED,
    WRONG,
    fail_from_many_networks,
    is_in,
    sign_in_over_rest,
    sign_in_to_admin,
    wait_out,
)
from tests.staff_auth.test_enrolling import enrol

NEW = "something new 27"
OWN = {"old_password": PASSWORD, "password": NEW}
OWN_FORM = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> None:
    settings.LIMIT_SIGN_FAILURES = 2
    settings.STAFF_LOCKOUT_TRIES = 0


def by_its_owner(alice: Account, session: Signed) -> None:
    assert session(alice).put("/password", OWN).status_code == 200


def by_staff_over_rest(alice: Account, session: Signed) -> None:
    admin = session(User.objects.get(pk=1))
    answer = admin.put("/password", {"login": alice.login, "password": NEW})
    assert answer.status_code == 200


def by_staff(alice: Account, session: Signed) -> None:
    staff.set_password(login=alice.login, password=NEW)


def by_a_form(alice: Account, session: Signed) -> None:
    user = User.objects.get(pk=alice.login)
    user.set_password(NEW)
    user.save()


def the_end_of_sessions(alice: Account, session: Signed) -> None:
    staff.end_sessions(login=alice.login)


def a_time_without_access(alice: Account, session: Signed) -> None:
    staff.set_enabled(login=alice.login, enabled=False)
    staff.set_enabled(login=alice.login, enabled=True)


ENDS = [
    by_its_owner,
    by_staff_over_rest,
    by_staff,
    by_a_form,
    the_end_of_sessions,
    a_time_without_access,
]


@pytest.mark.parametrize("end", ENDS)
def test_ending_the_sessions_makes_every_device_unknown(
    end: Callable[[Account, Signed], None], admin: User, alice: Account, signed_in: Signed
) -> None:
    collected = [sign_in_over_rest(alice.login) for _ in range(5)]
    end(alice, signed_in)
    fail_from_many_networks(alice.login)
    guesses = [sign_in_over_rest(alice.login, "a guess", AWAY, device) for device in collected]
    assert [error_of(guess) for guess in guesses] == [SLOWED] * 5
    wait_out()
    password = PASSWORD if end in (the_end_of_sessions, a_time_without_access) else NEW
    again = sign_in_over_rest(alice.login, password, device=collected[0])
    fail_from_many_networks(alice.login)
    assert sign_in_over_rest(alice.login, password, device=again).status_code == 200, (
        "known once more"
    )


def test_removing_the_second_factor_makes_every_device_unknown(carol: User) -> None:
    device = sign_in_to_admin(3)
    second_factor.remove_factor(user=User.objects.get(pk=3))
    fail_from_many_networks(3)
    assert not is_in(sign_in_to_admin(3, AWAY, device=device))


def test_the_device_stays_known_to_its_other_login(alice: Account, bob: Account) -> None:
    device = sign_in_over_rest(bob.login, device=sign_in_over_rest(alice.login))
    staff.end_sessions(login=alice.login)
    fail_from_many_networks(alice.login)
    fail_from_many_networks(bob.login)
    assert error_of(sign_in_over_rest(alice.login, device=device)) == SLOWED
    assert sign_in_over_rest(bob.login, device=device).status_code == 200


def test_the_device_that_changes_its_password_stays_known(
    alice: Account, signed_in: Signed
) -> None:
    device = signed_in(alice).put("/password", OWN)
    fail_from_many_networks(alice.login)
    assert sign_in_over_rest(alice.login, NEW, AWAY, device).status_code == 200


def test_the_device_of_staff_who_change_their_password_stays_known(carol: User) -> None:
    client = sign_in_to_admin(3)
    assert client.post("/admin/password_change/", OWN_FORM).status_code == 302
    fail_from_many_networks(3)
    assert sign_in_over_rest(3, NEW, AWAY, client).status_code == 200


def test_the_device_that_sets_up_a_second_factor_stays_known(carol: User) -> None:
    client: Client = sign_in_to_admin(3)
    assert len(enrol(client).context["codes"]) == 10
    fail_from_many_networks(3)
    assert error_of(sign_in_over_rest(3, "a guess", AWAY, client)) == WRONG, (
        "judged, so not slowed down"
    )


def test_a_cookie_of_the_old_format_counts_as_an_unknown_device(alice: Account) -> None:
    device = sign_in_over_rest(alice.login)
    device.cookies["device"] = signing.dumps(["0" * 32, [alice.login]], salt="api.devices")
    again = sign_in_over_rest(alice.login, device=device)
    assert again.status_code == 200
    fail_from_many_networks(alice.login)
    assert error_of(sign_in_over_rest(alice.login, device=device)) == SLOWED
    assert sign_in_over_rest(alice.login, device=again).status_code == 200


def collect_and_guess(login: int) -> list[tuple[int, str]]:
    """Make two wrong tries from each of six known devices, from as many networks."""
    devices = [sign_in_over_rest(login) for _ in range(6)]
    return [
        error_of(sign_in_over_rest(login, "a guess", f"10.3.{number}.{half}", device))
        for number, device in enumerate(devices)
        for half in (1, 2)
    ]


def test_known_devices_share_one_limit_of_failures(alice: Account) -> None:
    own = sign_in_over_rest(alice.login)
    assert collect_and_guess(alice.login) == [WRONG] * 8 + [SLOWED] * 4
    slowed = sign_in_over_rest(alice.login, device=own)
    assert error_of(slowed) == SLOWED
    assert 100 < int(slowed.headers["Retry-After"]) <= 113
    assert sign_in_over_rest(alice.login).status_code == 200, "unknown devices are counted apart"


def test_failures_of_strangers_and_other_logins_do_not_use_up_that_limit(
    alice: Account, bob: Account
) -> None:
    own = sign_in_over_rest(alice.login)
    collect_and_guess(bob.login)
    stolen = sign_in_over_rest(bob.login)
    for number in range(20):
        sign_in_over_rest(alice.login, "a guess", f"10.4.{number}.1")
        sign_in_over_rest(alice.login, "a guess", f"10.5.{number}.1", stolen)
    assert sign_in_over_rest(alice.login, device=own).status_code == 200


@pytest.mark.parametrize("login", [3, 100001])
@pytest.mark.usefixtures("alice", "carol")
def test_unlock_frees_known_devices_at_once(login: int) -> None:
    own = sign_in_over_rest(login)
    for _ in range(2):
        sign_in_over_rest(login, "a slip", device=own)
    collect_and_guess(login)
    assert error_of(sign_in_over_rest(login, device=own)) == SLOWED
    call_command("unlock", str(login))
    assert sign_in_over_rest(login, device=own).status_code == 200


def test_an_administrator_sees_that_known_devices_are_slowed_down(
    admin: User, alice: Account
) -> None:
    client = sign_in_to_admin(1)
    page = f"/admin/accounts/user/{alice.login}/change/"
    assert "do/unlock/" not in client.get(page).content.decode()
    collect_and_guess(alice.login)
    assert "do/unlock/" in client.get(page).content.decode()
