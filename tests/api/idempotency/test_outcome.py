"""`GET /requests/{key}`: the outcome of a write, and how long it is stored."""

from typing import Any

import pytest

from accounts.models import Account, User
from api.models import IdempotencyKey
from api.tasks import prune_keys
from core.clock import DAY_S, now
from market.models import Symbol
from tests.api.idempotency.keyed_writes import is_replayed, send_buy
from tests.conftest import Signed, error_of


def test_the_outcome_is_the_answer_with_its_status(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    answer = send_buy(client, "k")
    reply = client.get("/requests/k").json()
    assert reply == {
        "key": "k",
        "status": "done",
        "http_status": 200,
        "answer": answer.json(),
        "time": pytest.approx(now(), abs=5),
    }


def test_the_outcome_of_a_refusal_is_its_error(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    refused = send_buy(client, "k", volume=0)
    reply = client.get("/requests/k/").json()
    assert reply["http_status"] == refused.status_code == 400
    assert reply["answer"] == refused.json()
    assert reply["answer"]["error"] == "RET_TRADE_BAD_VOLUME"


def test_an_unknown_key_is_404(signed_in: Signed, alice: Account) -> None:
    assert error_of(signed_in(alice).get("/requests/k")) == (404, "NOT_FOUND")
    assert error_of(signed_in(alice).get("/requests/k.k")) == (404, "NOT_FOUND")


def test_another_logins_key_is_not_found(
    signed_in: Signed, alice: Account, bob: Account, admin: User, eurusd: Symbol
) -> None:
    send_buy(signed_in(alice), "k")
    assert error_of(signed_in(bob).get("/requests/k")) == (404, "NOT_FOUND")
    assert error_of(signed_in(admin).get("/requests/k")) == (404, "NOT_FOUND")
    asked = signed_in(bob).get("/requests/k?login=100001")
    assert error_of(asked) == (403, "PERMISSION_DENIED")


def test_support_reads_a_clients_outcome_by_naming_the_login(
    signed_in: Signed, alice: Account, carol: User, eurusd: Symbol
) -> None:
    order = send_buy(signed_in(alice), "k").json()["order"]
    reply = signed_in(carol).get("/requests/k?login=100001").json()
    assert reply["answer"]["order"] == order
    assert error_of(signed_in(carol).get("/requests/k")) == (404, "NOT_FOUND")


def test_a_key_is_deleted_after_four_days(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    for key in ("old", "young"):
        send_buy(client, key)
    for key, age in (("old", 4 * DAY_S + 1), ("young", 4 * DAY_S - 60)):
        IdempotencyKey.objects.filter(key=key).update(created=now() - age)
    prune_keys()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
    assert is_replayed(send_buy(client, "young"))
    assert not is_replayed(send_buy(client, "old"))


def test_beat_deletes_keys_after_the_settings_days(db: None, settings: Any) -> None:
    IdempotencyKey.objects.create(
        login=1,
        key="k",
        route="",
        fingerprint="",
        status=200,
        answer="{}",
        created=now() - DAY_S - 1,
    )
    settings.IDEMPOTENCY_DAYS = 1
    prune_keys()
    assert not IdempotencyKey.objects.exists()
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert prune_keys.name in tasks
