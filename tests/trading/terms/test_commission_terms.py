"""Commissions of a group: in another currency, and with a least amount a deal."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import CommissionPer, CommissionType
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import Fill, Trade

MONEY, PIPS, PERCENT = CommissionType.MONEY, CommissionType.PIPS, CommissionType.PERCENT
A_LOT, A_DEAL = CommissionPer.LOT, CommissionPer.DEAL


def open_trade(account: Account, volume: int = 100) -> Trade:
    return services.open_market(login=account.login, cmd=Cmd.BUY, symbol="EURUSD", volume=volume)


@pytest.mark.parametrize(
    ("volume", "terms", "due"),
    [
        (100, {"comm_base": 7, "comm_type": MONEY, "comm_lots": A_LOT}, "7.00"),
        # An account in euros buys its 7 dollars at the bid of 1.1.
        (100, {"comm_base": 7, "comm_type": MONEY, "comm_currency": "USD"}, "6.36"),
        (100, {"comm_base": 7, "comm_type": MONEY, "comm_currency": "EUR"}, "7.00"),
        (1, {"comm_base": 7, "comm_type": MONEY, "comm_minimum": D("0.5")}, "0.50"),
        (1, {"comm_base": 7, "comm_currency": "USD", "comm_minimum": 1}, "0.91"),
        (100, {"comm_base": 7, "comm_currency": "USD", "comm_minimum": 1}, "6.36"),
        (100, {"comm_base": 7, "comm_type": MONEY, "comm_lots": A_DEAL, "comm_minimum": 8}, "8.00"),
        # 0.002 % of 110,010 dollars is 2.2002; the least is in dollars too, or in the euros named.
        (100, {"comm_base": D("0.002"), "comm_type": PERCENT, "comm_minimum": 3}, "2.73"),
        (100, {"comm_base": D("0.002"), "comm_type": PERCENT, "comm_minimum": 2}, "2.00"),
        (
            100,
            {
                "comm_base": D("0.002"), "comm_type": PERCENT, "comm_minimum": 3,
                "comm_currency": "EUR",
            },
            "3.00",
        ),
        (100, {"comm_base": D("0.1"), "comm_type": PIPS, "comm_minimum": D("0.5")}, "0.91"),
        (100, {"comm_base": 0, "comm_type": MONEY, "comm_minimum": 2}, "2.00"),
    ],
)  # fmt: skip
def test_a_deal_pays_its_commission_in_the_terms_currency(
    bob: Account, eurusd: Symbol, volume: int, terms: dict[str, Any], due: str
) -> None:
    GroupTerms.objects.create(group=bob.group, symbols="*", **terms)
    assert open_trade(bob, volume).commission == -D(due)


def test_the_currency_of_a_commission_must_be_converted_by_the_market(
    alice: Account, eurusd: Symbol
) -> None:
    factories.symbol("USDJPY", 3)
    factories.quote("USDJPY", 150.0, 150.03)
    GroupTerms.objects.create(
        group=alice.group, symbols="*", comm_base=300, comm_currency="JPY", comm_minimum=600,
        bid_markup=50,
    )  # fmt: skip
    trade = open_trade(alice)
    assert trade.commission == D("-4.00")  # 600 yen, bought at 150.00
    fill = Fill.objects.get()
    assert fill.rates["commission"][1] == [["USDJPY", "bid", "150.0"]]
    assert fill.rates["commission_minimum"] == fill.rates["commission"]
    assert {name: at for name, at in fill.rules.items() if name.startswith("commission")} == {
        "commission": "300", "commission_type": 0, "commission_per": 0, "commission_minimum": "600",
        "commission_currency": "JPY",
    }  # fmt: skip
    closed = services.close_position(login=alice.login, order=trade.order)
    assert closed.commission == D("-4.00")
    assert "commission" not in Fill.objects.get(kind=Fill.Kind.CLOSE).rules
    assert list(find_differences()) == []


def test_an_activation_pays_by_the_terms_too(alice: Account, eurusd: Symbol) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="*", comm_base=1, comm_minimum=5)
    order = services.open_pending(
        login=alice.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.09")
    ).order
    quote = factories.quote("EURUSD", 1.0898, 1.0899)
    trade = services.activate_pending(
        login=alice.login, order=order, quote=quote, quotes=LatestQuotes()
    )
    assert trade is not None
    assert trade.commission == D(-5)
