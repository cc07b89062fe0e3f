"""The routes of section 8 of the contract, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Account
from alerts.api.tables import ALERT_COLUMNS, LOG_COLUMNS
from alerts.enums import AlertStatus, Condition
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog
from core.clock import now
from tests.alerts.small_feed import Feed

pytestmark = pytest.mark.django_db
Sign = Callable[[Account], APIClient]
Frames = Callable[[], list[list[Any]]]
NEW = {"symbol": "eurusd", "side": 0, "condition": 12, "repeat_mode": 0, "target_price": 1.1}
CHANNEL = {"condition": 4, "channel_low": 1.0, "channel_high": 1.1}
MOVING = {"condition": 8, "move_threshold": 0.01}


@pytest.fixture
def client(signed_in: Sign, alice: Account, feed: Feed) -> APIClient:
    feed.publish(1.09)
    return signed_in(alice)


def send(client: APIClient, method: str, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = getattr(client, method)(path, body or None, format="json")
    return answer.status_code, answer.json()


def create(client: APIClient, **changes: Any) -> int:
    status, answer = send(client, "post", "/price_alert", **NEW | changes)
    assert (status, answer["structure"]) == (200, ["id"])
    return int(answer["rows"][0][0])


def listed(client: APIClient) -> list[dict[str, Any]]:
    status, answer = send(client, "get", "/price_alert/list")
    assert (status, answer["structure"]) == (200, list(ALERT_COLUMNS))
    return [dict(zip(ALERT_COLUMNS, row, strict=True)) for row in answer["rows"]]


def test_a_new_alert_is_listed_with_all_that_was_sent(
    client: APIClient, alice: Account, frames: Frames
) -> None:
    alert_id = create(client, message="m", comment="c", indicator_name="i", expires_at=now() + 60)
    (row,) = listed(client)
    assert row["id"] == alert_id
    assert (row["login"], row["symbol"], row["target_price"]) == (alice.login, "EURUSD", 1.1)
    assert (row["message"], row["comment"], row["indicator_name"]) == ("m", "c", "i")
    assert (row["status"], row["triggered_at"], row["triggered_price"]) == (0, 0, 0)
    assert abs(row["created_at"] - now()) < 5
    (event,) = frames()
    assert event[:6] == ["a", alert_id, alice.login, "EURUSD", "i", "m"]
    assert event[-1] == 0


def test_put_creates_and_post_updates_as_well(client: APIClient, frames: Frames) -> None:
    _, answer = send(client, "put", "/price_alert/", **NEW)
    alert_id = answer["rows"][0][0]
    status, _ = send(client, "post", "/price_alert", id=alert_id, target_price=1.2)
    assert status == 200
    assert listed(client)[0]["target_price"] == 1.2
    assert [frame[-1] for frame in frames()] == [0, 1]


def test_a_moving_alert_starts_from_the_sides_current_price(client: APIClient, feed: Feed) -> None:
    create(client, **MOVING, side=1)
    (row,) = listed(client)
    assert (row["reference_price"], row["reference_time"]) == (1.0902, feed.time // 1000)
    create(client, **MOVING, reference_price=1.05, reference_time=77)
    assert (listed(client)[0]["reference_price"], listed(client)[0]["reference_time"]) == (1.05, 77)


def test_a_moving_alert_without_any_price_is_refused(client: APIClient) -> None:
    status, answer = send(client, "post", "/price_alert", **NEW | MOVING | {"symbol": "GBPUSD"})
    assert (status, answer["error"]) == (503, "RET_TRADE_OFFQUOTES")
    create(client, **MOVING, symbol="GBPUSD", reference_price=1.3)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"target_price": 0}, "INVALID_TARGET_PRICE"),
    ({"target_price": -1}, "INVALID_TARGET_PRICE"),
    ({"target_price": "1.1"}, "INVALID_DATA"),
    ({"target_price": 1.123456789}, "INVALID_DATA"),
    ({"side": 2}, "INVALID_DATA"),
    ({"side": True}, "INVALID_DATA"),
    ({"condition": 13}, "INVALID_DATA"),
    ({"repeat_mode": 2}, "INVALID_DATA"),
    ({"status": 2}, "INVALID_DATA"),
    ({"message": "x" * 257}, "INVALID_DATA"),
    ({"typo": 1}, "INVALID_DATA"),
    ({**CHANNEL, "channel_high": 1.0}, "INVALID_CHANNEL"),
    ({**CHANNEL, "channel_low": -1.0}, "INVALID_CHANNEL"),
    ({"condition": 7}, "INVALID_CHANNEL"),
    ({**MOVING, "move_threshold": 0}, "INVALID_MOVE_THRESHOLD"),
    ({"condition": 11}, "INVALID_MOVE_THRESHOLD"),
    ({"expires_at": 5}, "INVALID_EXPIRES_AT"),
    ({"expires_at": -5}, "INVALID_EXPIRES_AT"),
]


def test_an_invalid_field_is_refused_with_its_code(
    client: APIClient, frames: Frames, subtests: pytest.Subtests
) -> None:
    for changes, code in REFUSED:
        with subtests.test(str(changes)):
            status, answer = send(client, "post", "/price_alert", **NEW | changes)
            assert (status, answer["error"]) == (400, code)
            assert not Alert.objects.exists()
            assert not frames()


@pytest.mark.parametrize("missing", ["symbol", "side", "condition", "repeat_mode"])
def test_a_missing_field_is_named(client: APIClient, missing: str) -> None:
    body = {name: value for name, value in NEW.items() if name != missing}
    status, answer = send(client, "post", "/price_alert", **body)
    assert (status, answer["error"]) == (400, "INVALID_DATA")
    assert missing in answer["message"]


def test_an_unknown_symbol_is_not_found(client: APIClient) -> None:
    status, answer = send(client, "post", "/price_alert", **NEW | {"symbol": "NOPE"})
    assert (status, answer["error"]) == (404, "RET_SYMBOL_NOT_FOUND")


def test_active_alerts_are_limited_also_by_re_arming(client: APIClient, settings: Settings) -> None:
    settings.ALERT_LIMIT = 2
    first = create(client)
    create(client)
    status, answer = send(client, "post", "/price_alert", **NEW)
    assert (status, answer["error"]) == (409, "ALERT_LIMIT_REACHED")
    assert send(client, "put", "/price_alert", id=first, target_price=1.3)[0] == 200
    assert send(client, "put", "/price_alert", id=first, status=2)[0] == 200
    create(client)
    status, answer = send(client, "put", "/price_alert", id=first, status=0)
    assert (status, answer["error"]) == (409, "ALERT_LIMIT_REACHED")
    assert Alert.objects.get(pk=first).status == AlertStatus.DISABLED


def test_a_disabled_alert_fires_only_after_re_arming_and_a_new_crossing(
    client: APIClient, feed: Feed
) -> None:
    alert_id = create(client)
    send(client, "put", "/price_alert", id=alert_id, status=2)
    feed.publish(1.2, 1.0)
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    send(client, "put", "/price_alert", id=alert_id, status=0)
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    feed.publish(1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_re_arming_resets_the_trigger_fields(client: APIClient, feed: Feed, frames: Frames) -> None:
    alert_id = create(client)
    feed.publish(1.2)
    evaluate_new_batches()
    assert listed(client)[0]["triggered_price"] == 1.2
    send(client, "put", "/price_alert", id=alert_id, comment="still triggered")
    assert listed(client)[0]["status"] == 1
    send(client, "put", "/price_alert", id=alert_id, status=0)
    (row,) = listed(client)
    assert (row["status"], row["triggered_at"], row["triggered_price"]) == (0, 0, 0)
    feed.publish(1.0)
    evaluate_new_batches()
    assert [frame[-1] for frame in frames()] == [0, 5, 1, 1, 5]


def test_an_expired_alert_is_armed_again_only_with_a_new_end(client: APIClient) -> None:
    alert_id = create(client)
    Alert.objects.update(status=AlertStatus.EXPIRED, expires_at=5)
    for body in ({"status": 0}, {"status": 0, "expires_at": 6}):
        status, answer = send(client, "put", "/price_alert", id=alert_id, **body)
        assert (status, answer["error"]) == (400, "INVALID_EXPIRES_AT")
    assert send(client, "put", "/price_alert", id=alert_id, status=0, expires_at=0)[0] == 200
    assert listed(client)[0]["status"] == 0


def test_a_new_message_or_expiry_does_not_re_arm_the_alert(client: APIClient, feed: Feed) -> None:
    alert_id = create(client, condition=Condition.GREATER, repeat_mode=1, cooldown=1)
    feed.publish(1.2)
    evaluate_new_batches()
    send(client, "put", "/price_alert", id=alert_id, expires_at=now() + 100, message="x")
    feed.publish(1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1
    send(client, "put", "/price_alert", id=alert_id, target_price=1.11)
    feed.publish(1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 2


def test_an_update_is_validated_together_with_the_stored_fields(client: APIClient) -> None:
    alert_id = create(client)
    for body, code in (
        ({"condition": 4}, "INVALID_CHANNEL"),
        ({"condition": 8}, "INVALID_MOVE_THRESHOLD"),
        ({"target_price": 0}, "INVALID_TARGET_PRICE"),
        ({"status": 1}, "INVALID_DATA"),
        ({"status": 3}, "INVALID_DATA"),
        ({"expires_at": 1}, "INVALID_EXPIRES_AT"),
    ):
        status, answer = send(client, "put", "/price_alert", id=alert_id, **body)
        assert (status, answer["error"]) == (400, code)


def test_a_deleted_alert_is_gone_and_its_log_stays(
    client: APIClient, feed: Feed, frames: Frames
) -> None:
    first, second = create(client), create(client)
    feed.publish(1.2)
    evaluate_new_batches()
    assert send(client, "delete", f"/price_alert/{first}") == (
        200,
        {"structure": ["id"], "rows": [[first]]},
    )
    assert send(client, "delete", "/price_alert", id=second)[0] == 200
    assert listed(client) == []
    assert [frame[-1] for frame in frames()] == [0, 0, 5, 5, 2, 2]
    assert len(send(client, "get", "/price_alert/logs")[1]["rows"]) == 2
    for method, path, body in (
        ("delete", f"/price_alert/{first}", {}),
        ("put", "/price_alert", {"id": first, "status": 0}),
        ("delete", "/price_alert/999999", {}),
    ):
        status, answer = send(client, method, path, **body)
        assert (status, answer["error"]) == (404, "NOT_FOUND")
    assert send(client, "delete", "/price_alert")[1]["error"] == "INVALID_DATA"


def test_the_log_is_paged_newest_first_and_hidden_when_deleted(
    client: APIClient, feed: Feed
) -> None:
    alert_id = create(client, repeat_mode=1, cooldown=1)
    feed.publish(1.2, 1.0, 1.3)
    evaluate_new_batches()
    _, answer = send(client, "get", "/price_alert/logs")
    assert answer["structure"] == list(LOG_COLUMNS)
    rows = [dict(zip(LOG_COLUMNS, row, strict=True)) for row in answer["rows"]]
    assert [row["triggered_price"] for row in rows] == [1.3, 1.0, 1.2]
    assert {row["alert_id"] for row in rows} == {alert_id}
    _, part = send(client, "get", "/price_alert/logs?limit=1&offset=1")
    assert part["rows"] == answer["rows"][1:2]
    path = f"/price_alert/logs/{rows[0]['id']}"
    assert send(client, "delete", path) == (200, {"data": "OK"})
    assert send(client, "delete", path)[0] == 404
    assert send(client, "get", "/price_alert/logs")[1]["rows"] == answer["rows"][1:]
    assert send(client, "delete", "/price_alert/logs") == (200, {"data": "OK"})
    assert send(client, "get", "/price_alert/logs")[1]["rows"] == []
    assert AlertLog.objects.filter(hidden=True).count() == 3


def test_another_login_neither_sees_nor_changes_the_alerts(
    client: APIClient, signed_in: Sign, bob: Account, alice: Account, feed: Feed
) -> None:
    triggered, active = create(client), create(client, target_price=2.0)
    feed.publish(1.2)
    evaluate_new_batches()
    log_id = AlertLog.objects.get().pk
    other = signed_in(bob)
    assert listed(other) == []
    assert send(other, "get", "/price_alert/logs")[1]["rows"] == []
    for method, path, body in (
        ("put", "/price_alert", {"id": active, "status": 2}),
        ("put", "/price_alert", {"id": triggered, "status": 0}),
        ("delete", f"/price_alert/{active}", {}),
        ("delete", f"/price_alert/logs/{log_id}", {}),
        ("get", "/price_alert/list", {"login": alice.login}),
        ("post", "/price_alert", NEW | {"login": alice.login}),
    ):
        status, answer = send(other, method, path, **body)
        assert (status, answer["error"]) == (403, "PERMISSION_DENIED")
    assert send(other, "delete", "/price_alert/logs")[0] == 200
    assert len(send(client, "get", "/price_alert/logs")[1]["rows"]) == 1
    assert [row["status"] for row in listed(client)] == [0, 1]


def test_support_reads_alerts_of_a_named_login_and_writes_none(
    client: APIClient, signed_in: Callable[[Any], APIClient], carol: Any, alice: Account
) -> None:
    alert_id = create(client)
    support = signed_in(carol)
    status, answer = send(support, "get", f"/price_alert/list?login={alice.login}")
    assert (status, answer["rows"][0][0]) == (200, alert_id)
    assert send(support, "get", f"/price_alert/logs?login={alice.login}")[0] == 200
    for path in ("/price_alert/list", "/price_alert/logs"):
        status, answer = send(support, "get", path)
        assert (status, answer["error"]) == (400, "INVALID_LOGIN")
    status, answer = send(support, "post", "/price_alert", **NEW)
    assert (status, answer["error"]) == (403, "PERMISSION_DENIED")
