"""Sign-up with verification: no account and no session before the mailed code."""

import re
import smtplib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Account, User
from accounts.pending_sign_up import PendingSignUp
from accounts.services import sign_up_mail
from accounts.services.verify_sign_up import confirm_sign_up
from accounts.tasks import prune_sign_ups, send_codes
from audit.models import SignIn
from core.clock import now
from tests import factories
from tests.conftest import error_of
from tests.factories import PASSWORD, D
from tests.staff_auth.conftest import AuthenticatorApp
from trading.ledger_audit import find_differences

ZOE: dict[str, Any] = {"name": "Zoe", "email": "zoe@example.com", "password": "a good secret"}
DENIED = (403, "PERMISSION_DENIED")


@pytest.fixture(autouse=True)
def _verified(db: None, settings: Any) -> None:
    settings.SIGN_UP_VERIFY = True
    settings.EMAIL_URL = "smtp://mail.example"
    factories.group("open-usd", public=True, default_deposit=500, leverage=200)


def ask(anonymous: APIClient, **changes: Any) -> int:
    answer = anonymous.post("/sign/up", ZOE | changes)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"data", "id"}
    assert not answer.cookies
    return int(answer.json()["id"])


def mailed() -> str:
    """Return the code of the last mail."""
    send_codes()
    found = re.search(r"Your code: (\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def verify(anonymous: APIClient, number: int, code: str) -> Any:
    return anonymous.post("/sign/up/verify", {"id": number, "code": code})


def test_the_code_from_the_mail_opens_the_account_and_the_session(anonymous: APIClient) -> None:
    number = ask(anonymous, city="Riga", leverage=33)
    assert not User.objects.exists()
    code = mailed()
    assert mail.outbox[0].to == ["zoe@example.com"]
    answer = verify(anonymous, number, code.lower())
    body = answer.json()
    shown = {name: body[name] for name in ("name", "email", "city", "group", "leverage")}
    assert shown == {
        "name": "Zoe", "email": "zoe@example.com", "city": "Riga", "group": "open-usd",
        "leverage": 33,
    }  # fmt: skip
    assert answer.cookies["token"].value == body["__token"]
    assert Account.objects.get().balance == D(500)
    headers = {"authorization": body["__token"]}
    assert APIClient().get("/account/me", headers=headers).json()["balance"] == 500
    own = {"login": body["login"], "password": "a good secret"}
    assert APIClient().post("/sign/in", own, format="json").status_code == 200
    assert not list(find_differences())


def test_a_pending_sign_up_stores_only_the_passwords_hash(anonymous: APIClient) -> None:
    number = ask(anonymous)
    row = PendingSignUp.objects.values().get(pk=number)
    assert not any("a good secret" in str(value) for value in row.values())


def test_both_steps_are_written_to_the_sign_in_log(anonymous: APIClient) -> None:
    number = ask(anonymous)
    code = mailed()
    verify(anonymous, number, "WRONG")
    login = verify(anonymous, number, code).json()["login"]
    rows = list(SignIn.objects.order_by("id").values_list("login", "outcome"))
    assert rows == [(0, "CODE_ASKED"), (0, "WRONG_CODE"), (login, "OK")]


def test_after_five_wrong_codes_the_right_one_is_refused(anonymous: APIClient) -> None:
    number = ask(anonymous)
    code = mailed()
    for _ in range(5):
        assert error_of(verify(anonymous, number, "ABCD-EFGH")) == DENIED
    assert error_of(verify(anonymous, number, code)) == DENIED
    assert not User.objects.exists()


def test_an_expired_code_or_one_of_another_sign_up_is_refused(anonymous: APIClient) -> None:
    number = ask(anonymous)
    code = mailed()
    other = ask(anonymous)
    assert error_of(verify(anonymous, other, code)) == DENIED
    PendingSignUp.objects.filter(pk=number).update(until=now())
    assert error_of(verify(anonymous, number, code)) == DENIED
    assert error_of(verify(anonymous, 10**18, code)) == DENIED


def test_repeating_the_verification_signs_in_to_the_same_account(anonymous: APIClient) -> None:
    number = ask(anonymous)
    code = mailed()
    logins = {verify(anonymous, number, code).json()["login"] for _ in range(3)}
    assert len(logins) == User.objects.count() == 1


def test_a_repeat_is_refused_after_a_disable_a_new_password_or_a_second_factor(
    anonymous: APIClient,
) -> None:
    number = ask(anonymous)
    code = mailed()
    user = User.objects.get(pk=verify(anonymous, number, code).json()["login"])
    User.objects.update(enable=False)
    assert error_of(verify(anonymous, number, code)) == (402, "USER_DISABLED")
    User.objects.update(enable=True, type=1)
    AuthenticatorApp(user)
    assert error_of(verify(anonymous, number, code)) == DENIED
    User.objects.update(type=0)
    user.refresh_from_db()
    user.set_password("a newer secret")
    user.save()
    assert error_of(verify(anonymous, number, code)) == DENIED


def test_a_group_disabled_before_the_verification_opens_no_account(anonymous: APIClient) -> None:
    number = ask(anonymous, group="open-usd")
    code = mailed()
    factories.group("open-usd").__class__.objects.update(enabled=False)
    assert error_of(verify(anonymous, number, code)) == (403, "GROUP_DISABLED")
    assert not User.objects.exists()
    assert error_of(anonymous.post("/sign/up", ZOE | {"group": "nope"}))[0] == 404


def test_an_idempotency_key_starts_one_sign_up(anonymous: APIClient, settings: Any) -> None:
    settings.LIMIT_SIGN_UP_MINUTE = 1
    first = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="k")
    again = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="k")
    assert first.json() == again.json()
    assert again["Idempotent-Replay"] == "true"
    assert PendingSignUp.objects.count() == 1
    assert error_of(anonymous.post("/sign/up", ZOE)) == (429, "RET_TOO_FREQUENT")


def test_only_the_mailboxs_owner_learns_that_it_has_an_account_already(
    anonymous: APIClient, settings: Any
) -> None:
    settings.SIGN_UP_UNIQUE_EMAIL = True
    first = ask(anonymous)
    code = mailed()
    rival = ask(anonymous)
    rivals = mailed()
    verify(anonymous, first, code)
    assert error_of(verify(anonymous, rival, rivals)) == (400, "INVALID_DATA")
    ask(anonymous, email="ZOE@example.com")
    send_codes()
    last = mail.outbox[-1]
    assert last.subject == "You have an account already"
    assert "code" not in str(last.body)
    assert User.objects.count() == 1


def test_a_mail_is_sent_once(anonymous: APIClient) -> None:
    ask(anonymous)
    for _ in range(3):
        send_codes()
    assert len(mail.outbox) == 1


def test_an_unavailable_mail_server_is_retried(
    anonymous: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ask(anonymous)

    def away(self: EmailMessage, fail_silently: bool = False) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", away)
        for expected in (20, 40, 80, 160):
            assert sign_up_mail.send_due_codes() == 1
            assert sign_up_mail.send_due_codes() == 0, "not at once"
            pending = PendingSignUp.objects.get(pk=number)
            assert pending.mail_due
            assert expected - 5 < pending.mail_due - now() <= expected
            PendingSignUp.objects.update(mail_due=now())
    assert verify(anonymous, number, mailed()).status_code == 200


def test_after_five_failures_the_mail_is_given_up(
    anonymous: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(anonymous)
    PendingSignUp.objects.update(mail_tries=4)

    def away(self: EmailMessage, fail_silently: bool = False) -> int:
        raise OSError

    monkeypatch.setattr(EmailMessage, "send", away)
    sign_up_mail.send_due_codes()
    assert PendingSignUp.objects.get().mail_due is None


def test_pruning_removes_expired_sign_ups_and_keeps_their_accounts(anonymous: APIClient) -> None:
    number = ask(anonymous)
    verify(anonymous, number, mailed())
    ask(anonymous)
    PendingSignUp.objects.filter(pk=number).update(until=now() - 1)
    prune_sign_ups()
    assert PendingSignUp.objects.count() == 1
    assert User.objects.count() == 1


def test_with_verification_off_no_mail_is_sent(anonymous: APIClient, settings: Any) -> None:
    settings.SIGN_UP_VERIFY = False
    assert "__token" in anonymous.post("/sign/up", ZOE).json()
    send_codes()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_verifications_open_one_account(anonymous: APIClient) -> None:
    factories.group("open-usd", public=True)
    factories.pending_sign_up(9, "open-usd", "ABCD2345")

    def one(_: int) -> int:
        try:
            return confirm_sign_up(pending_id=9, code="ABCD2345")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        logins = set(pool.map(one, range(4)))
    assert len(logins) == Account.objects.count() == 1
    assert User.objects.get().check_password(PASSWORD)
