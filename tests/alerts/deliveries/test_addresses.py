"""How a client sets its addresses: the settings under prefix `alerts`."""

from typing import Any

import pytest

from accounts.models import Account, User
from alerts.deliveries import dispatcher, signing
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from settings_app.models import Setting
from tests.alerts.deliveries.conftest import Fire, pass_time
from tests.alerts.deliveries.webhook_receiver import Receiver
from tests.conftest import Signed
from tests.rest_client import Rest

OK = (200, {"data": "OK"})
MAIL = "alice@example.com"


def put(rest: Rest, name: str, value: Any) -> tuple[int, Any]:
    return rest.put("/settings", prefix="alerts", name=name, value=value)


def shown(rest: Rest, **query: Any) -> dict[str, Any]:
    status, body = rest.get("/settings", **query)
    assert status == 200
    assert body["structure"] == ["prefix", "name", "value", "updated_time"]
    return {name: value for prefix, name, value, _ in body["rows"] if prefix == "alerts"}


def test_a_new_address_is_listed_as_unverified(rest: Rest, receiver: Receiver) -> None:
    assert shown(rest) == {}
    assert put(rest, "webhook", receiver.url) == OK
    assert put(rest, "email", MAIL) == OK
    found = shown(rest, prefix="alerts")
    assert found["email"] == {"address": MAIL, "state": "unverified", "reason": ""}
    secret = found["webhook"].pop("secret")
    assert found["webhook"] == {"address": receiver.url, "state": "unverified", "reason": ""}
    assert secret == Address.objects.get(channel=Channel.WEBHOOK).secret
    assert not Setting.objects.exists()


def test_two_addresses_in_one_request_are_stored_both_or_neither(
    rest: Rest, receiver: Receiver
) -> None:
    both = {"email": MAIL, "webhook": "nonsense"}
    status, body = rest.put("/settings", prefix="alerts", values=both)
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert not Address.objects.exists()
    both["webhook"] = receiver.url
    assert rest.put("/settings", prefix="alerts", values=both) == OK
    assert Address.objects.count() == 2


def test_addresses_are_listed_with_all_settings_and_under_their_prefix_only(
    rest: Rest,
) -> None:
    rest.put("/settings", prefix="web", name="x", value=1)
    put(rest, "email", MAIL)
    rows = rest.get("/settings")[1]["rows"]
    assert [row[:2] for row in rows] == [["web", "x"], ["alerts", "email"]]
    assert shown(rest, prefix="web") == {}


NO_WEBHOOKS: list[Any] = [
    "", "x", "https://", "https:///x", "ftp://a.example/", "https://a b/", "https://a.example/\n",
    "https://é.example/", "https://u:p@a.example/", "https://u@a.example/", "https://a.example/#f",
    "https://a.example:0x/", "https://a.example:99999/", "https://[::1/", "//a.example/",
    "https://10.0.0.1/", "https://[fd00::1]/", "https://169.254.169.254/latest/meta-data",
    "https://a.example/" + "x" * 500, 1, True, [], {}, {"rotate": False}, {"rotate": 1},
    {"rotate": True, "x": 1}, {"code": "x"}, {"address": "https://a.example/"},
]  # fmt: skip
NO_EMAILS: list[Any] = [
    "", "alice", "alice@", "@example.com", "a b@example.com", "a@example.com\nBcc: b@example.com",
    "a@example.com,b@example.com", "Alice <a@example.com>", "a" * 250 + "@example.com", 1, False,
    {"code": 1}, {"code": "x", "y": 1}, {"rotate": True},
]  # fmt: skip


NO_ADDRESSES = [
    *(("webhook", value) for value in NO_WEBHOOKS),
    *(("email", value) for value in NO_EMAILS),
    ("sms", "1"),
    ("Email", MAIL),
]


def test_an_invalid_address_is_refused_and_nothing_is_sent(
    rest: Rest, subtests: pytest.Subtests
) -> None:
    for name, value in NO_ADDRESSES:
        with subtests.test(f"{name} {value}"):
            status, body = put(rest, name, value)
            assert (status, body["error"]) == (400, "INVALID_DATA")
            assert body["message"].startswith(("value: ", "name: "))
            assert not Address.objects.exists()
            assert not Delivery.objects.exists()


@pytest.mark.parametrize("url", ["http://hook.example/", "https://127.0.0.1/", "https://[::1]/"])
def test_without_allow_loopback_a_webhook_must_be_https_and_public(
    rest: Rest, settings: Any, url: str
) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    assert put(rest, "webhook", url)[0] == 400
    assert put(rest, "webhook", "https://hook.example:8443/a?b=c") == OK


def test_without_a_mail_server_no_email_address_can_be_set(rest: Rest, settings: Any) -> None:
    settings.EMAIL_URL = ""
    status, body = put(rest, "email", MAIL)
    assert (status, body["message"]) == (400, "value: this platform sends no e-mails")


@pytest.mark.parametrize("how", ["null", "name", "prefix"])
def test_removing_an_address_gives_up_its_waiting_deliveries(
    rest: Rest, webhook: Address, fire: Fire, receiver: Receiver, how: str
) -> None:
    fire()
    if how == "null":
        assert put(rest, "webhook", None) == OK
    else:
        named = {"name": "webhook"} if how == "name" else {}
        assert rest.delete("/settings", prefix="alerts", **named) == OK
    assert shown(rest) == {}
    dispatcher.send_due_deliveries()
    assert receiver.got == []
    row = Delivery.objects.get(log__isnull=False)
    assert (row.state, row.answer) == (DeliveryState.GIVEN_UP, "the address was taken away")
    fire()
    assert Delivery.objects.filter(log__isnull=False).count() == 1


def test_a_new_address_ends_the_old_one_and_is_verified_first(
    rest: Rest, webhook: Address, fire: Fire, receiver: Receiver
) -> None:
    fire()
    other = receiver.url.replace("hook", "other")
    assert put(rest, "webhook", other) == OK
    assert shown(rest)["webhook"]["state"] == "unverified"
    dispatcher.send_due_deliveries()
    assert [(got.path, got.json()["type"]) for got in receiver.got] == [
        ("/other?a=1", "endpoint.verify")
    ]
    webhook.refresh_from_db()
    assert webhook.state == AddressState.ENDED
    assert Address.objects.in_use(100001).get().secret != webhook.secret


def test_setting_a_verified_address_again_changes_nothing(
    rest: Rest, webhook: Address, receiver: Receiver
) -> None:
    assert put(rest, "webhook", receiver.url) == OK
    dispatcher.send_due_deliveries()
    assert receiver.got == []
    assert Address.objects.get() == webhook


def test_an_eleventh_verification_a_day_is_refused(
    rest: Rest, bob: Account, signed_in: Signed
) -> None:
    for number in range(10):
        assert put(rest, "email", f"a{number}@example.com") == OK
    status, body = put(rest, "email", MAIL)
    assert (status, body["error"]) == (429, "RET_TOO_FREQUENT")
    assert shown(rest)["email"]["address"] == "a9@example.com"
    assert put(Rest(signed_in(bob)), "email", MAIL) == OK
    Delivery.objects.update(created_at=1)
    assert put(rest, "email", MAIL) == OK


def test_rotation_gives_a_new_secret_and_the_old_one_signs_for_a_day(
    rest: Rest, webhook: Address, fire: Fire, receiver: Receiver
) -> None:
    Address.objects.update(secret_time=1)
    assert "secret" not in shown(rest)["webhook"]
    assert put(rest, "webhook", {"rotate": True}) == OK
    secret = shown(rest)["webhook"]["secret"]
    assert secret != webhook.secret
    fire()
    dispatcher.send_due_deliveries()
    assert receiver.got[0].is_signed_with(secret)
    assert receiver.got[0].is_signed_with(webhook.secret)
    assert len(receiver.got[0].headers["webhook-signature"].split(" ")) == 2
    Address.objects.update(old_until=1)
    fire()
    dispatcher.send_due_deliveries()
    assert receiver.got[1].is_signed_with(secret)
    assert not receiver.got[1].is_signed_with(webhook.secret)


def test_rotating_without_a_webhook_is_refused(rest: Rest) -> None:
    assert put(rest, "webhook", {"rotate": True})[0] == 400


def test_the_secret_is_shown_for_an_hour_and_to_the_client_alone(
    rest: Rest, webhook: Address, admin: User, carol: User, bob: Account, signed_in: Signed
) -> None:
    assert shown(rest)["webhook"]["secret"] == webhook.secret
    staff = Rest(signed_in(admin))
    assert shown(staff, login=100001)["webhook"]["state"] == "verified"
    assert signing.PREFIX not in str(staff.get("/settings", login=100001))
    assert shown(Rest(signed_in(bob))) == {}
    assert Rest(signed_in(carol)).get("/settings", login=100001)[0] == 403
    Address.objects.update(secret_time=webhook.secret_time - 3600)
    assert "secret" not in shown(rest)["webhook"]


def test_staff_set_no_addresses(carol: User, signed_in: Signed) -> None:
    assert put(Rest(signed_in(carol)), "email", MAIL)[0] == 403


def test_a_write_that_is_repeated_with_its_key_sends_one_message(
    alice: Account, signed_in: Signed
) -> None:
    client = signed_in(alice)
    body = {"prefix": "alerts", "name": "email", "value": MAIL}
    for _ in range(2):
        answer = client.put("/settings", body, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 200
    assert Delivery.objects.count() == 1
    pass_time(0)
