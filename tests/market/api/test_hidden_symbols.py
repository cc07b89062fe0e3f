"""Symbols hidden by the account's group are left out of every REST answer."""

from typing import Any

import pytest

from accounts.models import Account, Group, User
from alerts.models import Alert
from market.models import Symbol, WatchItem
from tests import factories
from tests.conftest import Signed, error_of
from trading.models import Trade

BUY = {"cmd": 0, "volume": 100, "sl": 0, "tp": 0}
ALERT = {"side": 0, "condition": 2, "repeat_mode": 0, "target_price": 2}
NOT_FOUND = (404, "RET_SYMBOL_NOT_FOUND")
NOT_ALLOWED = (403, "SYMBOL_NOT_ALLOWED")


@pytest.fixture
def client(signed_in: Signed, alice: Account, eurusd: Symbol) -> Any:
    """Alice, whose group sees GBPUSD but not EURUSD."""
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.3, 1.3001)
    Group.objects.update(hidden_symbols="EUR*")
    return signed_in(alice)


def test_the_market_does_not_list_hidden_symbols(client: Any) -> None:
    assert list(client.get("/market").json()["assets"]) == ["GBPUSD"]
    rows = client.get("/market/short/list").json()["assets"]["rows"]
    assert [row[0] for row in rows] == ["GBPUSD"]


def test_a_heading_without_visible_symbols_is_left_out(client: Any) -> None:
    assert client.get("/market").json()["groups"] == ["Forex"]
    Group.objects.update(hidden_symbols="*")
    for path in ("/market", "/market/short/list"):
        assert client.get(path).json()["groups"] == []


@pytest.mark.parametrize("path", ["/market/symbol?", "/market/history?resolution=1&countback=1&"])
def test_a_hidden_symbols_page_and_history_are_refused(client: Any, path: str) -> None:
    assert error_of(client.get(f"{path}symbol=EURUSD")) == NOT_ALLOWED
    assert client.get(f"{path}symbol=GBPUSD").status_code == 200


def test_watch_lists_neither_accept_nor_show_hidden_symbols(client: Any, alice: Account) -> None:
    assert error_of(client.post("/market/watch", {"symbol": "EURUSD"})) == NOT_FOUND
    WatchItem.objects.create(login=alice.login, symbol_id="EURUSD")
    assert client.get("/market/watch/list?prefix=web").json() == {"assets": {}}
    change = {"symbol": "EURUSD", "color": "#ffffff"}
    assert error_of(client.put("/market/watch", change)) == NOT_FOUND
    assert client.delete("/market/watch?symbol=EURUSD").json() == {"data": "OK"}
    assert not WatchItem.objects.exists()


def test_hidden_symbols_cannot_be_traded(client: Any) -> None:
    for path, body in (("open", BUY), ("open/pending", {**BUY, "cmd": 2, "open_price": 1.09})):
        answer = client.post(f"/trade/{path}", {**body, "symbol": "EURUSD"})
        assert error_of(answer) == NOT_FOUND
    assert not Trade.objects.live().exists()
    assert client.post("/trade/open", {**BUY, "symbol": "GBPUSD"}).status_code == 200


def test_an_open_position_in_a_symbol_hidden_later_can_be_changed_and_closed(client: Any) -> None:
    Group.objects.update(hidden_symbols="")
    order = client.post("/trade/open", {**BUY, "symbol": "EURUSD"}).json()["order"]
    Group.objects.update(hidden_symbols="EURUSD")
    assert client.put("/trade/modify", {"order": order, "sl": 1.05}).status_code == 200
    assert client.delete("/trade/close", {"order": order}).json()["state"] == 7


def test_no_alert_can_be_set_on_a_hidden_symbol(client: Any) -> None:
    assert error_of(client.post("/price_alert", {**ALERT, "symbol": "EURUSD"})) == NOT_FOUND
    assert not Alert.objects.exists()
    created = client.post("/price_alert", {**ALERT, "symbol": "GBPUSD"})
    alert = created.json()["rows"][0][0]
    moved = client.put("/price_alert", {"id": alert, "symbol": "EURUSD"})
    assert error_of(moved) == NOT_FOUND
    assert Alert.objects.get().symbol_id == "GBPUSD"


def test_another_group_sees_the_symbols(
    signed_in: Signed, client: Any, bob: Account, carol: User
) -> None:
    assert "EURUSD" in signed_in(bob).get("/market").json()["assets"]


def test_staff_see_all_symbols_and_by_login_a_clients_market(
    signed_in: Signed, client: Any, alice: Account, carol: User, dan: User
) -> None:
    for person in (carol, dan):
        staff = signed_in(person)
        assert set(staff.get("/market").json()["assets"]) == {"EURUSD", "GBPUSD"}
        assert staff.get("/market/symbol?symbol=EURUSD").status_code == 200
        named = staff.get(f"/market?login={alice.login}").json()
        assert list(named["assets"]) == ["GBPUSD"]
        assert error_of(staff.get("/market?login=5")) == (403, "USER_NOT_FOUND_OR_INCORRECT")
