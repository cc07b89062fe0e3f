"""Alert fields that are left out or sent unchanged are not validated again."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Group
from alerts.models import Alert
from core.clock import now
from tests import factories
from tests.alerts.small_feed import Feed
from tests.conftest import Signed

pytestmark = pytest.mark.django_db
# Alerts of rules that were weaker once, and the levels that they would be refused for.
WEAK: dict[str, dict[str, Any]] = {
    "INVALID_TARGET_PRICE": {"condition": 0, "target_price": -1},
    "INVALID_CHANNEL": {"condition": 4, "channel_low": 2, "channel_high": 1},
    "INVALID_MOVE_THRESHOLD": {"condition": 8, "move_threshold": -1},
}


@pytest.fixture
def client(signed_in: Signed, alice: Account, feed: Feed) -> APIClient:
    feed.publish(1.09)
    return signed_in(alice)


@pytest.fixture
def alert(client: APIClient) -> Alert:
    new = {"symbol": "EURUSD", "side": 0, "condition": 12, "repeat_mode": 0, "target_price": 1.1}
    client.post("/price_alert", new, format="json")
    return Alert.objects.get()


def put(client: APIClient, alert: Alert, **sent: Any) -> tuple[int, str]:
    answer = client.put("/price_alert", {"id": alert.pk, **sent}, format="json")
    alert.refresh_from_db()
    return answer.status_code, answer.json().get("error", "")


@pytest.mark.parametrize("code", WEAK)
def test_unchanged_levels_stay_although_they_would_be_refused_today(
    client: APIClient, alert: Alert, code: str
) -> None:
    Alert.objects.update(**WEAK[code])
    assert put(client, alert, message="alone") == (200, "")
    echoed = {"symbol": "EURUSD", "side": 0, "repeat_mode": 0, **WEAK[code], "message": "again"}
    assert put(client, alert, **echoed) == (200, "")
    assert alert.message == "again"
    assert put(client, alert, side=1) == (200, "")
    # What changes is judged, and what another condition looks at for the first time.
    levels = [name for name in WEAK[code] if name != "condition"]
    assert put(client, alert, **{levels[0]: -3}) == (400, code)
    condition = WEAK[code]["condition"] + 1
    assert put(client, alert, condition=condition) == (400, code)


def test_a_changed_level_is_validated(client: APIClient, alert: Alert) -> None:
    Alert.objects.update(condition=8, move_threshold=-1)
    assert put(client, alert, target_price=2) == (200, "")
    assert put(client, alert, target_price=-2) == (400, "INVALID_TARGET_PRICE")


def test_an_unchanged_expiry_may_be_in_the_past(client: APIClient, alert: Alert) -> None:
    past = now() - 60
    Alert.objects.update(status=2, expires_at=past)
    assert put(client, alert, message="m", expires_at=past) == (200, "")
    assert put(client, alert, expires_at=past - 1) == (400, "INVALID_EXPIRES_AT")
    assert put(client, alert, status=0, expires_at=past) == (400, "INVALID_EXPIRES_AT")


def test_an_unchanged_symbol_stays_although_it_was_hidden(client: APIClient, alert: Alert) -> None:
    factories.symbol("EURGBP")
    Group.objects.update(hidden_symbols="EUR*")
    assert put(client, alert, symbol="EURUSD", message="m") == (200, "")
    assert put(client, alert, symbol="EURGBP") == (404, "RET_SYMBOL_NOT_FOUND")
