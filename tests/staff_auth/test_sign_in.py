"""Staff with a second factor sign in, to the admin and over REST."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account, User
from audit.models import SignIn
from tests.backoffice.forms import sign_in
from tests.conftest import error_of
from tests.factories import PASSWORD
from tests.staff_auth.conftest import AuthenticatorApp


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def outcomes() -> list[str]:
    return list(SignIn.objects.order_by("id").values_list("outcome", flat=True))


def rest(client: APIClient, login: int, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign/in", {"login": login, "password": password, **more})


def test_staff_sign_in_with_a_code(telephone: AuthenticatorApp) -> None:
    client = Client()
    assert sign_in(client, "3", code=telephone.code()).status_code == 302
    assert is_in(client)
    assert outcomes() == ["OK"]


def test_staff_sign_in_with_a_recovery_code(telephone: AuthenticatorApp) -> None:
    client = Client()
    sign_in(client, "3", code=telephone.recovery[3])
    assert is_in(client)


@pytest.mark.parametrize("code", ["", "000000"])
def test_without_a_valid_code_staff_cannot_sign_in(telephone: AuthenticatorApp, code: str) -> None:
    client = Client()
    assert sign_in(client, "3", code=code).status_code == 200
    assert not is_in(client)
    assert outcomes() == ["WRONG_CODE"]


def test_a_used_code_cannot_sign_in_again(telephone: AuthenticatorApp) -> None:
    code = telephone.code()
    sign_in(Client(), "3", code=code)
    thief = Client()
    sign_in(thief, "3", code=code)
    assert not is_in(thief)
    assert outcomes() == ["OK", "WRONG_CODE"]


def test_a_wrong_password_spends_no_code(telephone: AuthenticatorApp) -> None:
    code = telephone.code()
    sign_in(Client(), "3", "not hers", code=code)
    client = Client()
    sign_in(client, "3", code=code)
    assert is_in(client)


def test_the_message_does_not_say_what_was_wrong(telephone: AuthenticatorApp) -> None:
    pages = [
        sign_in(Client(), "3", PASSWORD, "000000"),
        sign_in(Client(), "3", "not hers", telephone.code()),
        sign_in(Client(), "77", PASSWORD, ""),
    ]
    words = {tuple(page.context["form"].non_field_errors()) for page in pages}
    assert len(words) == 1


def test_rest_sign_in_needs_the_code(telephone: AuthenticatorApp, anonymous: APIClient) -> None:
    without, wrong = rest(anonymous, 3), rest(anonymous, 3, code="000000")
    unknown = rest(anonymous, 77)
    for answer in (without, wrong, unknown):
        assert error_of(answer) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    assert without.json() == unknown.json()  # type: ignore[attr-defined]
    assert rest(anonymous, 3, code=telephone.code()).status_code == 200  # type: ignore[attr-defined]
    assert outcomes() == ["WRONG_CODE", "WRONG_CODE", "USER_NOT_FOUND_OR_INCORRECT", "OK"]


def test_clients_sign_in_without_a_code(alice: Account, anonymous: APIClient) -> None:
    answer = rest(anonymous, alice.login)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "__token" in answer.json()  # type: ignore[attr-defined]


def test_staff_without_a_second_factor_sign_in_without_a_code(
    dan: User, anonymous: APIClient
) -> None:
    assert rest(anonymous, dan.pk).status_code == 200  # type: ignore[attr-defined]


def test_where_required_rest_refuses_staff_without_a_second_factor(
    admin: User, dan: User, anonymous: APIClient, settings: object
) -> None:
    settings.STAFF_SECOND_FACTOR = "administrators"  # type: ignore[attr-defined]
    assert error_of(rest(anonymous, 1)) == (403, "PERMISSION_DENIED")
    assert error_of(rest(anonymous, 1, "wrong password")) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    assert rest(anonymous, dan.pk).status_code == 200  # type: ignore[attr-defined]
    assert outcomes() == ["NO_SECOND_FACTOR", "USER_NOT_FOUND_OR_INCORRECT", "OK"]


def test_a_client_cannot_sign_in_to_the_admin_with_anothers_code(
    telephone: AuthenticatorApp, alice: Account
) -> None:
    client = Client()
    sign_in(client, str(alice.login), code=telephone.code())
    assert not is_in(client)
