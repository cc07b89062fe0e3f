"""Sign-up: a client opens its own account."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Account, Group, User
from accounts.services.open_account import open_account
from alerts.apps import AlertsConfig
from api.models import IdempotencyKey
from realtime.models import AccountEvent
from tests import factories
from tests.accounts.test_signing_in import FIELDS
from tests.conftest import error_of
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import Trade

ZOE: dict[str, Any] = {"name": "Zoe", "email": "zoe@example.com", "password": "a good secret"}


@pytest.fixture
def public(db: None) -> Group:
    """A demo group that gives 500 at the start."""
    fields: dict[str, Any] = {
        "account_mode": "DEMO",
        "leverage": 200,
        "default_deposit": 500,
        "public": True,
    }
    return factories.group("open-usd", **fields)


def test_sign_up_answers_like_sign_in_with_the_account_mode(
    anonymous: APIClient, public: Group
) -> None:
    answer = anonymous.post("/sign/up", {**ZOE, "city": "Riga", "phone": "+371 2"})
    body = answer.json()
    assert (answer.status_code, set(body)) == (200, FIELDS | {"account_mode"})
    shown = {name: body[name] for name in ("name", "email", "city", "phone", "group", "currency")}
    assert shown == {
        "name": "Zoe", "email": "zoe@example.com", "city": "Riga", "phone": "+371 2",
        "group": "open-usd", "currency": "USD",
    }  # fmt: skip
    assert (body["account_mode"], body["leverage"], body["id"]) == ("DEMO", 200, body["login"])
    assert anonymous.cookies["token"].value == body["__token"]


def test_a_new_client_has_a_session_at_once_and_can_sign_in_later(
    anonymous: APIClient, public: Group
) -> None:
    body = anonymous.post("/sign/up", ZOE).json()
    headers = {"authorization": body["__token"]}
    assert APIClient().get("/account/me", headers=headers).json()["balance"] == 500
    again = {"login": body["login"], "password": ZOE["password"]}
    assert APIClient(format="json").post("/sign/in", again, format="json").status_code == 200


def test_the_default_deposit_is_booked_as_a_finance_trade(
    anonymous: APIClient, public: Group
) -> None:
    login = anonymous.post("/sign/up", ZOE).json()["login"]
    trade = Trade.objects.get(account=login)
    assert (trade.cmd, trade.profit, trade.state) == (Cmd.BALANCE_IN, D(500), 3)
    assert Account.objects.get(pk=login).balance == D(500)
    letters = [event.event[0] for event in AccountEvent.objects.filter(login=login)]
    assert letters == ["o", "b"]
    assert not list(find_differences())


def test_without_a_default_deposit_no_trade_row_is_stored(
    anonymous: APIClient, public: Group
) -> None:
    Group.objects.update(default_deposit=0)
    login = anonymous.post("/sign/up", ZOE).json()["login"]
    assert not Trade.objects.exists()
    assert Account.objects.get(pk=login).balance == 0


def test_the_default_deposit_is_rounded_to_the_currencys_decimals(
    anonymous: APIClient, public: Group
) -> None:
    Group.objects.update(currency="JPY", default_deposit=D("500.5"))
    assert anonymous.post("/sign/up", ZOE).status_code == 200
    assert Trade.objects.get().profit == 501


def test_group_and_leverage_can_be_chosen(anonymous: APIClient, public: Group) -> None:
    factories.group("real-eur", "EUR", public=True)
    body = anonymous.post("/sign/up", {**ZOE, "group": "real-eur", "leverage": 33}).json()
    assert (body["group"], body["leverage"], body["account_mode"]) == ("real-eur", 33, "REAL")


def test_the_first_public_group_that_is_enabled_is_the_default(
    anonymous: APIClient, public: Group
) -> None:
    factories.group("a-private")
    factories.group("b-closed", public=True, enabled=False)
    factories.group("z-public", public=True)
    assert anonymous.post("/sign/up", ZOE).json()["group"] == "open-usd"


@pytest.mark.parametrize(
    ("group", "error"),
    [
        ("nope", (404, "GROUP_NOT_FOUND")),
        ("private", (403, "GROUP_NOT_PUBLIC")),
        ("closed", (403, "GROUP_DISABLED")),
    ],
)
def test_a_group_that_is_not_public_is_refused(
    anonymous: APIClient, public: Group, group: str, error: tuple[int, str]
) -> None:
    factories.group("private")
    factories.group("closed", public=True, enabled=False)
    assert error_of(anonymous.post("/sign/up", {**ZOE, "group": group})) == error
    assert not User.objects.exists()


def test_without_a_public_group_sign_up_answers_group_not_found(
    anonymous: APIClient, db: None
) -> None:
    factories.group("private")
    assert error_of(anonymous.post("/sign/up", ZOE)) == (404, "GROUP_NOT_FOUND")


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 129},
        {"name": "nul\x00"},
        {"email": "zoe"},
        {"email": "zoe@"},
        {"email": f"{'z' * 250}@example.com"},
        {"email": 7},
        {"password": "short"},
        {"password": "x" * 65},
        {"leverage": 0},
        {"leverage": 10_001},
        {"leverage": "100"},
        {"phone": "1" * 33},
        {"zipcode": "1" * 17},
        {"address": "x" * 257},
        {"login": 100001},
        {"type": 3},
        {"is_superuser": 1},
    ],
)
def test_bad_input_is_refused_and_opens_nothing(
    anonymous: APIClient, public: Group, change: dict[str, object]
) -> None:
    assert error_of(anonymous.post("/sign/up", ZOE | change)) == (400, "INVALID_DATA")
    assert not User.objects.exists()


@pytest.mark.parametrize("name", sorted(ZOE))
def test_name_email_and_password_are_required(
    anonymous: APIClient, public: Group, name: str
) -> None:
    body = {key: value for key, value in ZOE.items() if key != name}
    assert error_of(anonymous.post("/sign/up", body)) == (400, "INVALID_DATA")


def test_logins_are_given_once_in_ascending_order(anonymous: APIClient, public: Group) -> None:
    first, second = (anonymous.post("/sign/up", ZOE).json()["login"] for _ in range(2))
    assert 100003 <= first < second
    User.objects.filter(pk=first).update(name="Zoe the first")
    factories.client(second + 1, public)  # given by hand
    third = anonymous.post("/sign/up", ZOE).json()["login"]
    assert third == second + 2
    assert User.objects.get(pk=first).name == "Zoe the first"


def test_a_new_user_never_overwrites_an_existing_one(alice: Account) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(alice.login, "a good secret", name="Mallory")
    assert User.objects.get(pk=alice.pk).name == "Alice"


def test_a_failure_after_the_account_was_created_rolls_back_account_and_deposit(
    public: Group, refusing_receiver: None
) -> None:
    with pytest.raises(RuntimeError):
        open_account(**ZOE)
    assert not User.objects.exists()
    assert not Trade.objects.exists()


def refuse(account: Account) -> None:
    raise RuntimeError


@pytest.fixture
def refusing_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context manager in which a receiver of `account_opened` fails."""
    monkeypatch.setattr(AlertsConfig, "account_opened", f"{__name__}.refuse")


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_get_ten_logins(transactional_db: None) -> None:
    factories.group("open-usd", public=True, default_deposit=100)

    def one(_: int) -> int:
        try:
            return open_account(**ZOE).login
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        logins = set(pool.map(one, range(10)))
    assert len(logins) == 10
    assert set(Account.objects.values_list("pk", "balance")) == {(n, D(100)) for n in logins}
    assert not list(find_differences())


def test_a_repeat_with_its_key_opens_no_second_account(anonymous: APIClient, public: Group) -> None:
    first = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="zoe-1")
    again = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="zoe-1")
    assert first.status_code == again.status_code == 200
    assert first.json()["login"] == again.json()["login"]
    assert again["Idempotent-Replay"] == "true"
    assert User.objects.filter(email=ZOE["email"]).count() == 1
    assert not IdempotencyKey.objects.filter(answer__contains=first.json()["__token"]).exists()
    anonymous.credentials(HTTP_AUTHORIZATION=again.json()["__token"])
    assert anonymous.get("/account/me").json()["balance"] == 500


def test_an_idempotency_key_belongs_to_one_person_and_one_request(
    anonymous: APIClient, public: Group
) -> None:
    first = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="1").json()["login"]
    another = {**ZOE, "email": "yan@example.com"}
    assert anonymous.post("/sign/up", another, HTTP_IDEMPOTENCY_KEY="1").json()["login"] != first
    changed = anonymous.post("/sign/up", {**ZOE, "name": "Zo"}, HTTP_IDEMPOTENCY_KEY="1")
    assert error_of(changed) == (422, "RET_ERR_DUPLICATE")
    assert User.objects.filter(email=ZOE["email"]).count() == 1


def test_a_repeat_after_the_password_has_changed_is_refused(
    anonymous: APIClient, public: Group
) -> None:
    login = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="zoe-1").json()["login"]
    user = User.objects.get(login=login)
    user.set_password("a newer secret")
    user.save()
    answer = anonymous.post("/sign/up", ZOE, HTTP_IDEMPOTENCY_KEY="zoe-1")
    assert error_of(answer) == (403, "USER_NOT_FOUND_OR_INCORRECT")
