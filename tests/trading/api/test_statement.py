"""The account statement by close time."""

from typing import Any

import pytest

from accounts.models import Account, User
from core.clock import now
from market.models import Symbol
from tests.conftest import Signed, error_of
from tests.trading.unguarded_rows import without_triggers
from trading.models import Trade

STRUCTURE = [
    "order", "login", "cmd", "state", "symbol", "reason", "volume", "open_time", "close_time",
    "open_price", "close_price", "sl", "tp", "profit", "commission", "storage", "comment",
    "digits", "expiration",
]  # fmt: skip
PATH = "/trades/history/login"
BUY = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
LIMIT = {"cmd": 2, "volume": 100, "symbol": "EURUSD", "open_price": 1.09}


def rows(client: Any, begin: int, end: int, **query: int) -> list[dict[str, Any]]:
    answer = client.get(PATH, {"from": begin, "to": end, **query})
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (set(body), body["structure"]) == ({"structure", "rows"}, STRUCTURE)
    return [dict(zip(STRUCTURE, row, strict=True)) for row in body["rows"]]


def test_the_statement_lists_closed_trades_and_finance_operations_only(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    closed, still_open = (client.post("/trade/open", BUY).json()["order"] for _ in range(2))
    pending = client.post("/trade/open/pending", LIMIT).json()["order"]
    cancelled = client.post("/trade/open/pending", LIMIT).json()["order"]
    client.delete("/trade/close", {"order": closed, "comment": "enough"})
    client.delete("/trade/cancel", {"order": cancelled})
    deposit = Trade.objects.finance_operations().get().order
    found = {row["order"]: row for row in rows(client, now() - 60, now())}
    assert set(found) == {closed, cancelled, deposit}
    assert not {still_open, pending} & set(found)
    trade = found[closed]
    assert (trade["profit"], trade["comment"], trade["state"]) == (-10, "enough", 3)
    assert (trade["login"], trade["symbol"], trade["close_price"]) == (100001, "EURUSD", 1.1)
    money = found[deposit]
    assert (money["symbol"], money["cmd"], money["profit"]) == ("", 6, 10000)


def test_both_ends_of_the_period_are_included(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    with without_triggers():
        Trade.objects.update(close_time=1000)
    for begin, end, count in ((1000, 1000, 1), (1000, 2000, 1), (0, 1000, 1), (0, 999, 0)):
        assert len(rows(client, begin, end)) == count, (begin, end)
    assert rows(client, 1001, 2000) == []


def test_the_newest_close_comes_first(signed_in: Signed, alice: Account, eurusd: Symbol) -> None:
    client = signed_in(alice)
    orders = [client.post("/trade/open", BUY).json()["order"] for _ in range(3)]
    for order in orders:
        client.delete("/trade/close", {"order": order})
    with without_triggers():
        Trade.objects.filter(pk=orders[0]).update(close_time=now() + 60)
    listed = [row["order"] for row in rows(client, 0, now() + 60)]
    assert listed[:3] == [orders[0], orders[2], orders[1]]


def test_another_logins_statement_is_refused(
    signed_in: Signed, alice: Account, bob: Account
) -> None:
    assert {row["login"] for row in rows(signed_in(bob), 0, now())} == {bob.login}
    answer = signed_in(bob).get(PATH, {"from": 0, "to": now(), "login": alice.login})
    assert error_of(answer) == (403, "PERMISSION_DENIED")


def test_staff_read_a_statement_by_naming_the_login(
    signed_in: Signed, alice: Account, carol: User
) -> None:
    client = signed_in(carol)
    answer = client.get(PATH, {"from": 0, "to": now()})
    assert error_of(answer) == (400, "INVALID_LOGIN")
    assert len(rows(client, 0, now(), login=alice.login)) == 1


def test_parameters_in_the_body_of_a_get_are_read(signed_in: Signed, alice: Account) -> None:
    answer = signed_in(alice).generic(
        "GET", PATH, f'{{"from": 0, "to": {now()}}}', content_type="application/json"
    )
    assert len(answer.json()["rows"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": 1},
        {"to": 1},
        {"from": 2, "to": 1},
        {"from": -1, "to": 1},
        {"from": "x", "to": 1},
        {"from": 1.5, "to": 2},
        {"from": 0, "to": 2**63},
        {"from": 0, "to": 1, "limit": 5},
    ],
)
def test_a_bad_period_is_refused(signed_in: Signed, alice: Account, query: dict[str, Any]) -> None:
    assert error_of(signed_in(alice).get(PATH, query)) == (400, "INVALID_DATA")
