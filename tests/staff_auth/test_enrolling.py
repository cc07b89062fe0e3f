"""The page on which staff set up a second factor."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Entry, SignIn
from core.clock import now
from staff_auth import second_factor
from staff_auth.models import Factor, RecoveryCode
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in
from tests.factories import PASSWORD
from tests.staff_auth.conftest import AuthenticatorApp

PAGE = "/admin/second-factor/"


def secret_on(client: Client) -> str:
    page = client.get(PAGE).content.decode()
    found = re.search(r'class="door-secret[^>]*>([A-Z2-7]{32})<', page)
    assert found, page
    return found[1]


def current_code(secret: str) -> str:
    return second_factor.totp_code(secret, now() // second_factor.STEP_SECONDS)


def enrol(client: Client, proof: str = PASSWORD, code: str = "") -> Any:
    return client.post(PAGE, {"proof": proof, "code": code or current_code(secret_on(client))})


@pytest.fixture
def browser() -> Browser:
    def of(who: Any) -> Client:
        client = Client()
        assert sign_in(client, str(who.pk)).status_code == 302
        return client

    return of


def test_the_page_shows_a_secret_and_its_qr_code(dan: User, browser: Browser) -> None:
    client = browser(dan)
    page = client.get(PAGE).content.decode()
    assert "<svg" in page
    assert secret_on(client) == secret_on(client), "it stays while it is scanned"
    assert not Factor.objects.exists()


def test_password_and_one_code_set_up_the_second_factor(dan: User, browser: Browser) -> None:
    client = browser(dan)
    secret = secret_on(client)
    answer = enrol(client)
    codes = answer.context["codes"]
    assert len(codes) == 10
    page = answer.content.decode()
    assert all(code in page for code in codes)
    assert "Recovery codes, shown only once" in page
    assert re.search('id="recovery-codes".*data-copies="recovery-codes"', page, re.DOTALL)
    assert Factor.objects.get(pk=dan.pk).secret == secret
    assert RecoveryCode.objects.count() == 10
    assert client.get("/admin/").status_code == 200, "this session goes on"
    assert not any(code in client.get(PAGE).content.decode() for code in codes)


def test_enrolling_is_audited_without_the_secret(dan: User, browser: Browser) -> None:
    client = browser(dan)
    secret = secret_on(client)
    codes = enrol(client).context["codes"]
    entry = Entry.objects.get(action="enrol_second_factor")
    assert (entry.staff_id, entry.key) == (dan.pk, str(dan.pk))
    assert (entry.before, entry.after) == ({"second_factor": False}, {"second_factor": True})
    for row in Entry.objects.values():
        assert secret not in str(row)
        assert not any(code in str(row) for code in codes)


def test_enrolling_ends_other_sessions(dan: User, browser: Browser) -> None:
    other, client = browser(dan), browser(dan)
    enrol(client)
    assert other.get("/admin/").status_code == 302


@pytest.mark.parametrize(("proof", "code"), [("not the password", ""), (PASSWORD, "000000")])
def test_a_wrong_password_or_code_sets_nothing_up(
    dan: User, browser: Browser, proof: str, code: str
) -> None:
    client = browser(dan)
    answer = enrol(client, proof, code)
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert not Factor.objects.exists()
    assert not Entry.objects.filter(action="enrol_second_factor").exists()


def test_failed_proofs_are_counted_and_lock_the_page(dan: User, browser: Browser) -> None:
    client = browser(dan)
    for _ in range(5):
        enrol(client, "not the password")
    assert SignIn.objects.filter(login=dan.pk, outcome="WRONG_CODE").count() == 5
    answer = enrol(client)
    assert "too many" in str(answer.context["form"].non_field_errors())
    assert not Factor.objects.exists()


def test_replacing_needs_a_code_of_the_old_second_factor(telephone: AuthenticatorApp) -> None:
    client = Client()
    sign_in(client, "3", code=telephone.code(-1))
    before = Factor.objects.get(pk=3).secret
    assert enrol(client, PASSWORD).context["form"].non_field_errors()
    assert Factor.objects.get(pk=3).secret == before
    assert len(enrol(client, telephone.recovery[0]).context["codes"]) == 10
    assert Factor.objects.get(pk=3).secret != before


def test_the_page_needs_a_session(db: None) -> None:
    assert Client().get(PAGE).status_code == 302


def test_the_page_is_not_cached(dan: User, browser: Browser) -> None:
    assert "no-store" in browser(dan).get(PAGE)["Cache-Control"]


class TestRequired:
    """STAFF_SECOND_FACTOR=administrators."""

    @pytest.fixture(autouse=True)
    def _required(self, settings: Any) -> None:
        settings.STAFF_SECOND_FACTOR = "administrators"

    @pytest.mark.parametrize(
        "path",
        [
            "/admin/",
            "/admin/accounts/user/",
            "/admin/accounts/user/1/change/",
            "/admin/password_change/",
            "/admin/dashboard/data",
            "/admin/autocomplete/",
            "/admin/search/",
        ],
    )
    def test_an_administrator_without_a_second_factor_reaches_only_this_page(
        self, admin: User, browser: Browser, path: str
    ) -> None:
        client = browser(admin)
        for answer in (client.get(path), client.post(path, {})):
            assert (answer.status_code, answer["Location"]) == (302, PAGE)

    def test_after_enrolling_all_pages_are_reachable(self, admin: User, browser: Browser) -> None:
        client = browser(admin)
        enrol(client)
        assert client.get("/admin/accounts/user/").status_code == 200

    def test_other_staff_need_no_second_factor(self, dan: User, browser: Browser) -> None:
        assert browser(dan).get("/admin/").status_code == 200

    def test_other_staff_need_one_if_the_setting_is_all(
        self, dan: User, browser: Browser, settings: Any
    ) -> None:
        settings.STAFF_SECOND_FACTOR = "all"
        assert browser(dan).get("/admin/")["Location"] == PAGE

    def test_an_administrator_may_still_sign_out(self, admin: User, browser: Browser) -> None:
        client = browser(admin)
        assert client.post("/admin/logout/").status_code == 200
        assert client.get(PAGE).status_code == 302
