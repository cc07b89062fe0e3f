"""A staff session reads of a named client what its role may see in the admin."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import SessionType
from accounts.models import Account, User
from scripts.models import Script
from tests.api.test_every_route import OPEN, routes
from tests.conftest import Signed, error_of, staff

LOGIN = 100001
# The right that a route asks for, and the roles that have it besides the administrators.
WALK = {
    "account/me": ("accounts.view_account", "dan carol mary"),
    "account/login": ("accounts.view_account", "dan carol mary"),
    "accounts": ("accounts.view_account", "dan carol mary"),
    "balances/list": ("accounts.view_account", "dan carol mary"),
    "margin_call": ("accounts.view_account", "dan carol mary"),
    "account/balance": ("accounts.view_account", "dan carol mary"),
    "account/changes": ("realtime.view_accountevent", "carol mary"),
    "notify/list": ("realtime.view_notification", "carol mary"),
    "trades": ("trading.view_trade", "dan carol mary"),
    "trades/order": ("trading.view_trade", "dan carol mary"),
    "trades/orders": ("trading.view_trade", "dan carol mary"),
    "trade/explain/7": ("trading.view_trade", "dan carol mary"),
    "trades/history/login": ("trading.view_trade", "dan carol mary"),
    "market": ("market.view_symbol", "dan carol mary"),
    "market/short/list": ("market.view_symbol", "dan carol mary"),
    "market/symbol": ("market.view_symbol", "dan carol mary"),
    "market/history": ("market.view_symbol", "dan carol mary"),
    **dict.fromkeys(
        (
            "quotes/candles",
            "udf/config",
            "udf/symbols",
            "udf/symbol_info",
            "udf/search",
            "udf/history",
            "udf/time",
            "udf/quotes",
        ),
        ("market.view_symbol", "dan carol mary"),
    ),
    "market/watch/list": ("market.view_watchitem", "carol mary"),
    "price_alert/list": ("alerts.view_alert", "carol mary"),
    "price_alert/logs": ("alerts.view_alertlog", "carol mary"),
    "requests/7": ("api.view_idempotencykey", "carol mary"),
    "scripts": ("scripts.view_script", ""),
    "script/7": ("scripts.view_script", ""),
    "settings": ("settings_app.view_setting", ""),
    "sign/check": ("", ""),
    "limits": ("", ""),
}
QUERY: dict[str, dict[str, Any]] = {
    "account/changes": {"since": 0},
    "notify/list": {"limit": 10, "offset": 0},
    "trades": {"limit": 10, "offset": 0, "tradeType": 0},
    "trades/history/login": {"from": 1, "to": 2},
    **{path: {"limit": 10, "offset": 0} for path in ("accounts", "balances/list", "margin_call")},
    "trades/order": {"order": 7},
    "trades/orders": {"orders": "7"},
    "market/symbol": {"symbol": "EURUSD"},
    "market/history": {"symbol": "EURUSD", "resolution": "60", "countback": 1},
    "quotes/candles": {"symbol": "EURUSD", "from": 0, "to": 1, "frame": "1M"},
    "udf/symbols": {"symbol": "EURUSD"},
    "udf/history": {"symbol": "EURUSD", "resolution": "60", "countback": 1},
    "udf/quotes": {"symbols": "EURUSD"},
    "market/watch/list": {"prefix": "web"},
    "price_alert/logs": {"limit": 10},
}
NOT_FOUND = ("requests/7", "trade/explain/7", "trades/order")  # as nothing has this number
STAFF = ("admin", "dan", "carol", "mary")


@pytest.fixture
def mary(db: None) -> User:
    return staff(4, "Mary", SessionType.MANAGER, "manager")


def test_the_table_names_every_route_that_reads() -> None:
    assert {path for path, actions in routes() if "get" in actions} - OPEN == set(WALK)


@pytest.mark.parametrize("who", STAFF)
def test_each_role_reads_what_its_permissions_allow(
    request: pytest.FixtureRequest, signed_in: Signed, alice: Account, eurusd: object,
    who: str, subtests: pytest.Subtests,
) -> None:  # fmt: skip
    Script.objects.create(id=7, user_id=LOGIN, name="n", script="s", created_time=1, updated_time=1)
    user = request.getfixturevalue(who)
    client = signed_in(user)
    for path in WALK:
        with subtests.test(path):
            check_reading(client, user, who, path)


def check_reading(client: APIClient, user: User, who: str, path: str) -> None:
    """Check that a user reads of the client what its role may see."""
    answer = client.get(f"/{path}", {**QUERY.get(path, {}), "login": LOGIN})
    right, roles = WALK[path]
    if who == "admin" or who in roles.split():
        assert answer.status_code in (200, 404), answer.content
        assert answer.status_code == 200 or path in NOT_FOUND
    else:
        assert error_of(answer) == (403, "PERMISSION_DENIED")
        assert str(LOGIN) not in json.dumps(answer.json())
    assert user.has_perm(right) == (answer.status_code != 403)


def test_staff_without_a_role_read_nothing_of_a_client(
    signed_in: Signed, alice: Account, eurusd: object, subtests: pytest.Subtests
) -> None:
    client = signed_in(staff(8, "Nobody", SessionType.DEALER))
    for path in WALK:
        with subtests.test(path):
            answer = client.get(f"/{path}", {**QUERY.get(path, {}), "login": LOGIN})
            assert error_of(answer) == (403, "PERMISSION_DENIED")


def test_staff_may_name_their_own_login(signed_in: Signed, dan: User) -> None:
    assert signed_in(dan).get("/sign/check", {"login": dan.login}).status_code == 200
