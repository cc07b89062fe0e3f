"""SIGN_UP_UNIQUE_EMAIL: one account for each mailbox."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.errors import EmailTaken
from accounts.models import User
from accounts.services.open_account import is_email_taken, open_account
from tests import factories
from tests.conftest import error_of

ZOE: dict[str, Any] = {"name": "Zoe", "email": "zoe@example.com", "password": "a good secret"}


@pytest.fixture(autouse=True)
def _unique(db: None, settings: Any) -> None:
    settings.SIGN_UP_UNIQUE_EMAIL = True
    factories.group("open-usd", public=True)


@pytest.mark.parametrize("email", ["zoe@example.com", "Zoe@EXAMPLE.com"])
def test_a_second_account_is_refused(anonymous: APIClient, email: str) -> None:
    assert anonymous.post("/sign/up", ZOE).status_code == 200
    answer = anonymous.post("/sign/up", ZOE | {"email": email})
    assert error_of(answer) == (400, "INVALID_DATA")
    assert answer.json()["message"] == "email: has an account already"
    assert User.objects.count() == 1
    assert anonymous.post("/sign/up", ZOE | {"email": "yan@example.com"}).status_code == 200


def test_a_repeat_with_its_key_is_not_refused_as_a_second_account(anonymous: APIClient) -> None:
    logins = {
        anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="k").json()["login"] for _ in range(2)
    }
    assert len(logins) == 1


def test_by_default_one_mailbox_may_have_several_accounts(
    anonymous: APIClient, settings: Any
) -> None:
    settings.SIGN_UP_UNIQUE_EMAIL = False
    assert [anonymous.post("/sign/up", ZOE).status_code for _ in range(2)] == [200, 200]


@pytest.mark.django_db(transaction=True)
def test_ten_concurrent_sign_ups_open_one_account() -> None:
    factories.group("open-usd", public=True)

    def one(_: int) -> int:
        try:
            return open_account(**ZOE).login
        except EmailTaken:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        logins = [login for login in pool.map(one, range(10)) if login]
    assert len(logins) == User.objects.count() == 1


def test_the_check_for_a_used_mailbox_reads_an_index() -> None:
    User.objects.bulk_create(
        User(login=number, email=f"{number}@example.com", regdate=1, password="x")
        for number in range(2000, 6000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
    assert is_email_taken("2500@EXAMPLE.com")
    plan = User.objects.filter(email__iexact="2500@example.com").explain()
    assert "user_by_mailbox" in plan, plan
