"""`POST /trade/check`: an order's figures before it is placed."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account, Group, User
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from realtime.models import AccountEvent
from tests import factories
from tests.conftest import Signed, error_of
from trading import services
from trading.models import Fill, Trade

BUY: dict[str, Any] = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
LIMIT: dict[str, Any] = {"cmd": 2, "volume": 100, "symbol": "EURUSD", "open_price": 1.09}
NOTHING = dict.fromkeys(
    ("margin", "margin_free_after", "margin_level_after", "commission", "price")
)


def check_order(client: Any, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/trade/check", body)
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    assert set(found) == {*NOTHING, "error"}
    return found


def test_checking_a_market_order_shows_margin_commission_and_price(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(comm_base=D(7))
    # 110,010 USD at 1:100; 10.00 of spread and 7.00 of commission are gone at once.
    assert check_order(signed_in(alice), BUY) == {
        "margin": 1100.1, "margin_free_after": 8882.9, "margin_level_after": 907.46,
        "commission": -7, "price": 1.1001, "error": None,
    }  # fmt: skip


@pytest.mark.parametrize("cmd", [0, 1])
def test_the_checked_figures_equal_those_after_opening(
    signed_in: Signed, alice: Account, eurusd: Symbol, cmd: int
) -> None:
    Symbol.objects.update(comm_base=D(7))
    client = signed_in(alice)
    client.post("/trade/open", {**BUY, "volume": 30})
    before = client.get("/account/balance").json()
    reply = check_order(client, {**BUY, "cmd": cmd})
    order = client.post("/trade/open", {**BUY, "cmd": cmd}).json()["order"]
    after = client.get("/account/balance").json()
    assert reply["margin"] == pytest.approx(after["margin"] - before["margin"])
    assert reply["margin_free_after"] == after["margin_free"]
    assert reply["margin_level_after"] == after["margin_level"]
    trade = Trade.objects.get(pk=order)
    shown = (float(trade.open_price), float(trade.commission))
    assert (reply["price"], reply["commission"]) == shown


def test_checking_places_no_order(signed_in: Signed, alice: Account, eurusd: Symbol) -> None:
    account = Account.objects.values().get(pk=alice.pk)
    for body in (BUY, LIMIT):
        assert check_order(signed_in(alice), body)["error"] is None
    assert Account.objects.values().get(pk=alice.pk) == account
    assert Trade.objects.count() == 1  # the deposit
    assert not Fill.objects.exists()
    assert AccountEvent.objects.count() == 2


def test_without_enough_margin_the_figures_come_with_the_error(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    found = check_order(signed_in(alice), {**BUY, "volume": 1000})
    assert found["error"] == "RET_TRADE_NO_MONEY"
    assert (found["margin"], found["margin_free_after"]) == (11001, -1101)


def test_a_pending_is_checked_at_its_price_and_not_for_its_margin(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    found = check_order(client, {**LIMIT, "volume": 1000})
    assert found == {
        "margin": 10900, "margin_free_after": -1000, "margin_level_after": 90.83,
        "commission": 0, "price": 1.09, "error": None,
    }  # fmt: skip
    assert client.post("/trade/open/pending", {**LIMIT, "volume": 1000}).status_code == 200


def test_a_pendings_checked_figures_are_those_after_its_activation(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    client.post("/trade/open", {**BUY, "volume": 50})
    reply = check_order(client, LIMIT)
    order = client.post("/trade/open/pending", LIMIT).json()["order"]
    quote = factories.quote("EURUSD", 1.0899, 1.09)
    services.activate_pending(login=alice.login, order=order, quote=quote, quotes=LatestQuotes())
    after = client.get("/account/balance").json()
    assert reply["margin_free_after"] == after["margin_free"]
    assert reply["margin_level_after"] == after["margin_level"]


def test_the_covered_leg_of_a_hedge_uses_no_margin(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    client.post("/trade/open", BUY)
    assert check_order(client, {**BUY, "cmd": 1})["margin"] == 0


REFUSED = [
    {**BUY, "symbol": "NOPE"},
    {**BUY, "cmd": 6},
    {**BUY, "cmd": -1},
    {**BUY, "volume": 0},
    {**BUY, "volume": 10_001},
    {**BUY, "volume": 2**62},
    {**BUY, "sl": 1.2},
    {**BUY, "tp": 1.100001},
    {**LIMIT, "open_price": 1.2},
    {**LIMIT, "open_price": 0},
    {**LIMIT, "expiration": 1},
    {**LIMIT, "sl": 1.095},
]


def test_the_checked_error_is_that_of_opening(
    signed_in: Signed, alice: Account, eurusd: Symbol, subtests: pytest.Subtests
) -> None:
    client = signed_in(alice)
    for body in REFUSED:
        path = "/trade/open/pending" if body["cmd"] == 2 else "/trade/open"
        with subtests.test(str(body)):
            _status, code = error_of(client.post(path, body))
            assert check_order(client, body) == {**NOTHING, "error": code}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"max_positions": 0}, "RET_TRADE_TOO_MANY_ORDERS"),
        ({"trade_enabled": False}, "RET_TRADE_DISABLE"),
        ({"hidden_symbols": "EUR*"}, "RET_SYMBOL_NOT_FOUND"),
    ],
)
def test_the_groups_rules_apply_to_the_check(
    signed_in: Signed, alice: Account, eurusd: Symbol, change: dict[str, Any], code: str
) -> None:
    Group.objects.update(**change)
    for body in (BUY, LIMIT):
        assert check_order(signed_in(alice), body) == {**NOTHING, "error": code}


def test_without_a_current_quote_the_check_answers_off_quotes(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=1)
    assert check_order(signed_in(alice), BUY)["error"] == "RET_TRADE_OFFQUOTES"


MALFORMED: list[dict[str, Any]] = [
    {},
    {"cmd": 0, "volume": 1},
    {"cmd": 2, "volume": 1, "symbol": "EURUSD", "sl": 0, "tp": 0},
    {**BUY, "volume": "1"},
    {**BUY, "volume": 2**70},
    {**BUY, "sl": -1},
    {**BUY, "price": 1},
    {**BUY, "comment": "x" * 65},
]


def test_a_malformed_order_is_an_error_of_the_request(
    signed_in: Signed, alice: Account, eurusd: Symbol, subtests: pytest.Subtests
) -> None:
    client = signed_in(alice)
    for body in MALFORMED:
        with subtests.test(str(body)):
            assert error_of(client.post("/trade/check", body)) == (400, "INVALID_DATA")


def test_only_the_accounts_own_session_may_check(
    signed_in: Signed, alice: Account, bob: Account, dan: User, eurusd: Symbol
) -> None:
    foreign = {**BUY, "login": alice.login}
    assert error_of(signed_in(bob).post("/trade/check", foreign)) == (403, "PERMISSION_DENIED")
    assert error_of(signed_in(dan).post("/trade/check", foreign)) == (403, "PERMISSION_DENIED")
