import pytest
from django.test import Client

from accounts.models import Account, User
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in
from tests.factories import PASSWORD


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_without_a_session_the_admin_redirects_to_the_sign_in(db: None) -> None:
    answer = Client().get("/admin/alerts/alertlog/")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/admin/login/?next=/admin/alerts/alertlog/",
    )


@pytest.mark.parametrize("who", ["admin", "dan", "carol"])
def test_staff_sign_in_by_login_number_and_password(
    request: pytest.FixtureRequest, browser: Browser, who: str
) -> None:
    assert is_in(browser(request.getfixturevalue(who)))


def test_a_client_cannot_sign_in_to_the_admin(alice: Account) -> None:
    client = Client()
    assert sign_in(client, str(alice.login)).status_code == 200
    assert not is_in(client)


def test_disabled_staff_cannot_sign_in(carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(enable=False)
    client = Client()
    assert sign_in(client, "3").status_code == 200
    assert not is_in(client)


def test_disabling_ends_a_session_in_the_admin(carol: User, browser: Browser) -> None:
    client = browser(carol)
    User.objects.filter(pk=carol.pk).update(enable=False)
    assert not is_in(client)


@pytest.mark.parametrize("login", ["", "carol", "-3", "3.5", "9" * 40, "٣x", "3\0"])
def test_a_malformed_login_is_refused_by_the_form(carol: User, login: str) -> None:
    client = Client()
    assert sign_in(client, login).status_code == 200
    assert not is_in(client)


def test_a_wrong_password_is_refused(carol: User) -> None:
    client = Client()
    assert sign_in(client, "3", "not hers").status_code == 200
    assert not is_in(client)


def test_sign_in_without_a_target_leads_to_the_dashboard(carol: User) -> None:
    answer = Client().post("/admin/login/", {"username": "3", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_sign_in_never_redirects_to_another_site(carol: User) -> None:
    form = {"username": "3", "password": PASSWORD, "next": "https://example.com/"}
    assert Client().post("/admin/login/", form)["Location"] == "/admin/"
