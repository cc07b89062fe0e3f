"""What a lot costs by the account types that brokers publish.

Sources, as read in November 2026:

- IC Markets, help centre, "Raw Spread Account" and "Standard Account": raw prices with 7.00 USD a
  lot round turn (an account in euros 5.50), or 1 pip above the raw prices without a commission.
- Pepperstone, "Spreads, swaps and commissions" and "Trading conditions": Razor has raw prices with
  3.50 USD a lot and side on forex (an account in euros 5.20 round turn) and no commission on gold;
  Standard is 1 pip wider on forex; gold from 0.05 on both.

The raw spreads are 0.1 pip of EURUSD, where the pages say "from 0.0", and 0.05 of gold.
"""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import CommissionPer, CommissionType, MarginMode, ProfitMode
from market.models import GroupTerms
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.ledger_audit import find_differences

FOREX, GOLD = "EURUSD", "XAUUSD"
ONE_PIP = {"ask_markup": 10}


def commission(amount: str, currency: str) -> dict[str, Any]:
    """Return a commission in money a lot, for both sides."""
    return {
        "comm_base": D(amount),
        "comm_type": CommissionType.MONEY,
        "comm_lots": CommissionPer.LOT,
        "comm_currency": currency,
    }


def open_account(currency: str, terms: dict[str, dict[str, Any]]) -> Account:
    """Return an account of a type; its terms are by symbol, all others trade as the market."""
    group = factories.group("type", currency, leverage=500)
    for name, fields in terms.items():
        GroupTerms.objects.create(group=group, symbols=name, **fields)
    return factories.client(100020, group, "100000")


@pytest.fixture(autouse=True)
def raw_market(db: None) -> None:
    factories.symbol(FOREX)
    factories.symbol(
        GOLD, 2, contract_size=100, margin_currency="USD",
        margin_mode=MarginMode.CFD_LEVERAGE, profit_mode=ProfitMode.CFD,
    )  # fmt: skip
    factories.quote(FOREX, 1.1, 1.10001)
    factories.quote(GOLD, 4200.0, 4200.05)


@pytest.mark.parametrize(
    ("currency", "terms", "symbol", "cost"),
    [
        ("USD", {"*": commission("7", "USD")}, FOREX, "8.00"),
        ("USD", {"*": commission("7", "USD")}, GOLD, "12.00"),
        ("USD", {"EUR*": ONE_PIP}, FOREX, "11.00"),
        ("EUR", {"*": commission("5.50", "EUR")}, FOREX, "6.41"),  # and a dollar, bought at 1.1
        ("USD", {"EUR*": commission("7", "USD")}, FOREX, "8.00"),
        ("USD", {"EUR*": commission("7", "USD")}, GOLD, "5.00"),
        ("EUR", {"EUR*": commission("5.20", "EUR")}, FOREX, "6.11"),
        ("USD", {"EUR*": ONE_PIP}, GOLD, "5.00"),
    ],
    ids=[
        "IC Markets Raw, forex",
        "IC Markets Raw, gold",
        "IC Markets and Pepperstone Standard, forex",
        "IC Markets Raw in euros, forex",
        "Pepperstone Razor, forex",
        "Pepperstone Razor, gold",
        "Pepperstone Razor in euros, forex",
        "Pepperstone Standard, gold",
    ],
)
def test_a_lot_costs_what_the_broker_publishes(
    currency: str, terms: dict[str, dict[str, Any]], symbol: str, cost: str
) -> None:
    account = open_account(currency, terms)
    trade = services.open_market(login=account.login, cmd=Cmd.BUY, symbol=symbol, volume=100)
    services.close_position(login=account.login, order=trade.order)
    account.refresh_from_db()
    assert 100_000 - account.balance == D(cost)
    assert list(find_differences()) == []
