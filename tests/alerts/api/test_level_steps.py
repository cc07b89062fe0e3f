"""Alert levels lie on the symbol's point, and moves are at least one point."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from alerts.models import Alert
from market.models import Symbol
from tests.alerts.api.test_alert_routes import CHANNEL, MOVING, NEW, client, create, listed, send

__all__ = ["client"]  # a fixture
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"target_price": 1.100001}, "INVALID_TARGET_PRICE"),
        ({**CHANNEL, "channel_low": 1.000001}, "INVALID_CHANNEL"),
        ({**CHANNEL, "channel_high": 1.000001}, "INVALID_CHANNEL"),
        ({**MOVING, "move_threshold": 1e-8}, "INVALID_MOVE_THRESHOLD"),
        ({**MOVING, "condition": 9, "move_threshold": 0.00000999}, "INVALID_MOVE_THRESHOLD"),
        ({"condition": 10, "move_threshold": 0.0009}, "INVALID_MOVE_THRESHOLD"),  # of 1.09
        ({"condition": 11, "move_threshold": 1e-8}, "INVALID_MOVE_THRESHOLD"),
    ],
)
def test_a_level_off_the_point_or_a_move_below_one_point_is_refused(
    client: APIClient, changes: dict[str, Any], code: str
) -> None:
    status, answer = send(client, "post", "/price_alert", **NEW | changes)
    assert (status, answer["error"]) == (400, code)
    assert "0.00001" in answer["message"]
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"target_price": 1.10001},
        {**CHANNEL, "channel_low": 1.00001},
        {**MOVING, "move_threshold": 0.00001},
        {"condition": 10, "move_threshold": 0.001},
    ],
)
def test_a_level_on_the_point_and_a_move_of_one_point_are_accepted(
    client: APIClient, changes: dict[str, Any]
) -> None:
    create(client, **changes)


def test_an_unchanged_level_is_accepted_although_the_point_grew(client: APIClient) -> None:
    alert_id = create(client, target_price=1.10001)
    Symbol.objects.filter(name="EURUSD").update(digits=3)
    assert send(client, "put", "/price_alert", id=alert_id, message="x", target_price=1.10001) == (
        200,
        {"structure": ["id"], "rows": [[alert_id]]},
    )
    for body in ({"target_price": 1.20001}, {"condition": 2}):
        status, answer = send(client, "put", "/price_alert", id=alert_id, **body)
        assert (status, answer["error"]) == (400, "INVALID_TARGET_PRICE")
        assert "0.001" in answer["message"]
    assert listed(client)[0]["target_price"] == 1.10001
