"""The same session of four accounts of four types, at the same ticks: who sees and pays what."""

from datetime import date
from decimal import Decimal as D
from typing import Any, NamedTuple

import pytest

from accounts.models import Account
from market.enums import SwapType
from market.models import GroupTerms
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.conftest import Signed
from trading.ledger_audit import find_differences
from trading.models import Rollover, Trade
from trading.rollover.swaps import charge_account

STANDARD: dict[str, Any] = {"bid_markup": 5, "ask_markup": 7}
RAW: dict[str, Any] = {"comm_base": 7, "comm_currency": "USD", "comm_minimum": 1}
ISLAMIC: dict[str, Any] = {**STANDARD, "swap_free": True, "swap_fee": 3, "swap_grace": 0}
FIXED: dict[str, Any] = {"spread": 20, "leverage_cap": 50, "swap_long": D(-10)}


class Paid(NamedTuple):
    """What a long lot of EURUSD sees and pays, in dollars."""

    bid: float
    ask: float
    margin: float
    floating: float  # at the open
    commission: float
    storage: float
    profit: float
    markup: str


@pytest.mark.parametrize(
    ("terms", "paid"),
    [
        (STANDARD, Paid(1.09995, 1.10017, 1100.1, -22, 0, -7.5, 178, "12")),
        (RAW, Paid(1.1, 1.1001, 1100.1, -10, -7, -7.5, 190, "0")),
        (ISLAMIC, Paid(1.09995, 1.10017, 1100.1, -22, 0, -3, 178, "12")),
        (FIXED, Paid(1.09995, 1.10015, 2200.2, -20, 0, -10, 180, "10")),
    ],
    ids=["standard", "raw", "islamic", "fixed"],
)
def test_an_account_sees_and_pays_by_its_type(
    alice: Account, signed_in: Signed, terms: dict[str, Any], paid: Paid
) -> None:
    factories.symbol("EURUSD", swap_enable=True, swap_type=SwapType.MONEY, swap_long=D("-7.5"))
    GroupTerms.objects.create(group=alice.group, symbols="EUR*", **terms)
    factories.quote("EURUSD", 1.1, 1.1001)
    client = signed_in(alice)
    asset = client.get("/market").json()["assets"]["EURUSD"]
    assert (asset["bid"], asset["ask"]) == (paid.bid, paid.ask)
    body = {"symbol": "EURUSD", "cmd": 0, "volume": 100}
    check = client.post("/trade/check", body, format="json").json()
    order = client.post("/trade/open", body, format="json").json()["order"]
    found = client.get("/account/balance").json()
    assert check["margin"] == found["margin"] == paid.margin
    assert (found["profit"], found["commission"]) == (paid.floating, paid.commission)
    night = Rollover.objects.create(night=date(2100, 1, 4), moment=4_102_444_800)  # a Monday
    charge_account(login=alice.login, night=night, quotes=LatestQuotes())
    assert client.get("/account/balance").json()["storage"] == paid.storage
    factories.quote("EURUSD", 1.102, 1.1021)
    assert client.delete("/trade/close", {"order": order}, format="json").status_code == 200
    balance = client.get("/account/balance").json()["balance"]
    assert balance == 10_000 + paid.profit + paid.commission + paid.storage
    trade = Trade.objects.get(pk=order)
    assert (trade.profit, trade.markup) == (D(str(paid.profit)), D(paid.markup))
    assert list(find_differences()) == []
