"""The trading routes as a client calls them."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account, User
from market.models import Symbol
from tests import factories
from tests.conftest import Signed, error_of
from trading.models import Trade

BUY = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
LIMIT = {"cmd": 2, "volume": 100, "symbol": "EURUSD", "open_price": 1.09}


def opened(client: object, **fields: object) -> int:
    answer = client.post("/trade/open", {**BUY, **fields})  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.json()
    return int(answer.json()["order"])


def test_a_position_is_opened_modified_and_closed(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    answer = client.post("/trade/open", BUY).json()
    order = answer.pop("order")
    assert answer == {
        "accepted": True, "state": 1, "login": 100001, "symbol": "EURUSD", "cmd": 0, "volume": 100,
    }  # fmt: skip
    changed = client.put("/trade/modify/open", {"order": order, "sl": 1.09}).json()
    assert (changed["order"], changed["state"]) == (order, 14)
    assert client.put("/trade/modify", {"order": order, "tp": 1.2}).json()["state"] == 14
    assert client.delete("/trade/close", {"order": order, "volume": 30}).json() == {
        "accepted": True, "order": order, "state": 19, "login": 100001, "symbol": "EURUSD",
        "cmd": 0, "close_volume": 30,
    }  # fmt: skip
    closed = client.delete("/trade/close", {"order": order}).json()
    assert (closed["state"], closed["close_volume"]) == (7, 70)
    assert client.get("/account/me").json()["balance"] == 9990


def test_a_pending_is_placed_modified_and_cancelled(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    order = client.post("/trade/open/pending", LIMIT).json()["order"]
    change = {"order": order, "open_price": 1.08, "sl": 1.07, "expiration": 0}
    assert client.put("/trade/modify/pending", change).json()["state"] == 16
    assert client.delete(f"/trade/cancel?order={order}").json() == {
        "accepted": True, "order": order, "state": 9,
    }  # fmt: skip
    assert Trade.objects.get(pk=order).state == 6


def test_every_route_answers_with_and_without_a_slash_and_to_both_write_methods(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    for write in (client.post, client.put):
        for path in ("/trade/open", "/trade/open/"):
            assert write(path, BUY).status_code == 200


REFUSED: list[tuple[str, Any, tuple[int, str]]] = [
    ("/trade/open", {**BUY, "cmd": 2}, (400, "RET_TRADE_INCORRECT_CMD")),
    ("/trade/open", {**BUY, "symbol": "NOPE"}, (404, "RET_SYMBOL_NOT_FOUND")),
    ("/trade/open", {**BUY, "volume": 0}, (400, "RET_TRADE_BAD_VOLUME")),
    ("/trade/open", {**BUY, "volume": 5000}, (409, "RET_TRADE_NO_MONEY")),
    ("/trade/open", {**BUY, "sl": 2}, (400, "RET_TRADE_INVALID_SL_TP")),
    ("/trade/open", {**BUY, "volume": "100"}, (400, "INVALID_DATA")),
    ("/trade/open", {**BUY, "volume": 2**70}, (400, "INVALID_DATA")),
    ("/trade/open", {**BUY, "sl": -1}, (400, "INVALID_DATA")),
    ("/trade/open", {**BUY, "sl": "1.1"}, (400, "INVALID_DATA")),
    ("/trade/open", {**BUY, "s1": 1.1}, (400, "INVALID_DATA")),
    ("/trade/open", {**BUY, "comment": "\x00"}, (400, "INVALID_DATA")),
    ("/trade/open", {**BUY, "login": 100002}, (403, "PERMISSION_DENIED")),
    ("/trade/open", [], (400, "INVALID_DATA")),
    ("/trade/open/pending", {**LIMIT, "cmd": 0}, (409, "RET_TRADE_INCORRECT_CMD")),
    ("/trade/open/pending", {**LIMIT, "open_price": 1.2}, (400, "RET_TRADE_BAD_PRICES")),
    ("/trade/open/pending", {**LIMIT, "open_price": 0}, (400, "RET_TRADE_BAD_PRICES")),
    ("/trade/open/pending", {**LIMIT, "expiration": 1}, (400, "RET_TRADE_EXPIRATION_DENIED")),
    ("/trade/modify", {"order": 1}, (400, "INVALID_DATA")),
    ("/trade/modify", {"order": 1, "sl": 0}, (404, "RET_NOT_FOUND")),
]


def test_a_refusal_has_its_code_and_changes_nothing(
    signed_in: Signed, alice: Account, eurusd: Symbol, subtests: pytest.Subtests
) -> None:
    client, before = signed_in(alice), Account.objects.values().get(pk=alice.pk)
    for path, body, error in REFUSED:
        with subtests.test(f"{path} {body}"):
            assert error_of(client.post(path, body)) == error
            assert Account.objects.values().get(pk=alice.pk) == before
            assert Trade.objects.count() == 1  # the deposit


@pytest.mark.parametrize("body", ["{", '{"a": NaN}', '{"sl": 1e309}', "\xff", '{"a": "\\ud800"}'])
def test_malformed_json_is_refused(
    signed_in: Signed, alice: Account, eurusd: Symbol, body: str
) -> None:
    sent: Any = body.encode("latin-1")
    answer = signed_in(alice).generic("POST", "/trade/open", sent, "application/json")
    assert error_of(answer) == (400, "INVALID_DATA")


def test_another_content_type_is_refused(signed_in: Signed, alice: Account) -> None:
    answer = signed_in(alice).post("/trade/open", "a=1", content_type="text/plain")
    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_another_logins_order_cannot_be_used(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    order = opened(signed_in(alice))
    pending = signed_in(alice).post("/trade/open/pending", LIMIT).json()["order"]
    foreign = signed_in(bob)
    assert error_of(foreign.delete("/trade/close", {"order": order})) == (403, "PERMISSION_DENIED")
    assert error_of(foreign.delete("/trade/cancel", {"order": pending}))[0] == 403
    denied = (403, "MODIFY_TRADE_ERROR")
    assert error_of(foreign.put("/trade/modify", {"order": order, "sl": 1})) == denied
    assert error_of(foreign.put("/trade/modify/pending", {"order": pending, "sl": 1})) == denied
    assert Trade.objects.live().count() == 2


def test_staff_do_not_trade(signed_in: Signed, dan: User, eurusd: Symbol) -> None:
    assert error_of(signed_in(dan).post("/trade/open", BUY)) == (403, "PERMISSION_DENIED")


def test_a_read_only_account_does_not_trade(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    order = opened(signed_in(alice))
    Account.objects.update(enable_read_only=True)
    read_only = (403, "RET_TRADE_READ_ONLY")
    assert error_of(signed_in(alice).post("/trade/open", BUY)) == read_only
    assert error_of(signed_in(alice).delete("/trade/close", {"order": order})) == read_only


def test_the_trades_table_has_totals_over_all_matches(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    for _ in range(3):
        opened(client)
    body = client.get("/trades?limit=2&offset=0&tradeType=1").json()
    assert body["structure"] == [
        "order", "login", "cmd", "state", "symbol", "reason", "volume", "open_time", "close_time",
        "open_price", "close_price", "sl", "tp", "profit", "net_profit", "commission", "storage",
        "comment", "digits", "expiration",
    ]  # fmt: skip
    assert (len(body["rows"]), body["count"]) == (2, 3)
    assert [row[13] for row in body["rows"]] == [-10, -10]
    assert (body["total_profit"], body["total_net_profit"], body["total_volume"]) == (-30, -30, 300)


def test_trades_are_filtered_and_ordered_by_floating_profit(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    small, big = opened(client, volume=10), opened(client, volume=200)
    query: dict[str, Any] = {"limit": 9, "offset": 0, "tradeType": 1}
    only = client.generic(
        "GET", "/trades", '{"limit":9,"offset":0,"tradeType":1,"where":[["profit","<",-5]]}',
        content_type="application/json",
    ).json()  # fmt: skip
    assert [row[0] for row in only["rows"]] == [big]
    answer = client.get("/trades", {**query, "orderBy": '[["profit","desc"]]'}).json()
    assert [row[0] for row in answer["rows"]] == [small, big]


NO_FILTERS: list[str] = [
    '[["nope","==",1]]', '[["order","~",1]]', '[["order","==","x"]]', '[["order"]]', "{}",
    '[["symbol","like",1]]', '[["order","like","1"]]', '[["account__user__password","==","x"]]',
    '[["order","==",99999999999999999999]]', "nonsense", '[[["order"],"==",1]]',
    '[["order","==",null]]', '[["symbol","==","\\u0000"]]',
]  # fmt: skip


def test_a_filter_outside_the_grammar_is_refused(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    client = signed_in(alice)
    for where in NO_FILTERS:
        query: dict[str, Any] = {"limit": 1, "offset": 0, "tradeType": 0, "where": where}
        with subtests.test(where):
            assert error_of(client.get("/trades", query)) == (400, "INVALID_DATA")


def test_a_hostile_like_finds_nothing_and_breaks_nothing(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    opened(client)
    for pattern, count in (("eur%", 1), ("EUR\\\\", 0), ("' OR 1=1 --", 0), ("%'", 0)):
        where = f'[["symbol","like","{pattern}"]]'
        query: dict[str, Any] = {"limit": 9, "offset": 0, "tradeType": 1, "where": where}
        body = client.get("/trades", query)
        assert body.json()["count"] == count, pattern


def test_the_account_shows_its_floating_figures(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    opened(client)
    factories.quote("EURUSD", 1.11, 1.1101)
    me = client.get("/account/me").json()
    assert (me["equity"], me["margin"], me["margin_free"]) == (10990, 1100.1, 9889.9)
    assert me["margin_level"] == 999  # 10,990 / 1,100.10
    balance = client.get("/account/balance").json()
    assert (balance["profit"], balance["level_type"], balance["seq"]) == (990, 0, 4)


def test_without_margin_the_level_is_zero_on_the_wire(signed_in: Signed, alice: Account) -> None:
    assert signed_in(alice).get("/account/me").json()["margin_level"] == 0


def test_staff_must_name_the_login(signed_in: Signed, carol: User, alice: Account) -> None:
    client = signed_in(carol)
    assert error_of(client.get("/account/me")) == (400, "INVALID_LOGIN")
    assert client.get("/account/me?login=100001").json()["login"] == 100001
    assert error_of(client.get("/account/me?login=5")) == (400, "INVALID_USER")


def test_prices_are_never_in_exponent_form(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    answer = signed_in(alice).get("/market")
    assert b'"point":0.00001' in answer.content
    assert answer.json()["assets"]["EURUSD"]["bid"] == float(D("1.1"))
