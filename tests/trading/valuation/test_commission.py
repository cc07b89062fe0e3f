"""Commission: money, pips or percent, per lot or per deal, in the account's currency."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.enums import CommissionPer, CommissionType, MarginMode, ProfitMode
from market.errors import OffQuotes
from market.models import Symbol
from tests import factories
from tests.trading.valuation.in_memory import symbol
from trading import services
from trading.enums import Cmd
from trading.models import Fill, Trade
from trading.valuation import formulas

MONEY, PIPS, PERCENT = CommissionType
LOT, DEAL = CommissionPer
JPY = {"quote_currency": "JPY", "digits": 3}
TICKS = {"tick_size": D("0.25"), "tick_value": D("12.50"), "digits": 2, "contract_size": D(1)}


@pytest.mark.parametrize(
    ("kind", "per", "base", "fields", "volume", "amount", "currency"),
    [
        (MONEY, LOT, "7", {}, 250, "17.5", None),
        (MONEY, DEAL, "7", {}, 250, "7", None),
        (PIPS, LOT, "0.5", {}, 250, "12.5", "USD"),  # a pip of one lot is 10 USD
        (PIPS, DEAL, "0.5", {}, 250, "5", "USD"),
        (PIPS, LOT, "0.5", {"digits": 4}, 250, "12.5", "USD"),
        (PIPS, LOT, "1", JPY, 50, "500", "JPY"),  # 0.01 · 50,000
        (PERCENT, LOT, "0.01", {}, 250, "30", "USD"),  # of 250,000 · 1.2
        (PERCENT, DEAL, "0.01", {}, 250, "30", "USD"),
        (PIPS, LOT, "2", {**TICKS, "profit_mode": ProfitMode.FUTURES}, 300, "3", "USD"),
        (PERCENT, LOT, "1", {**TICKS, "margin_mode": MarginMode.CFD_INDEX}, 100, "0.6", "USD"),
        (MONEY, LOT, "0", {}, 100, "0", None),
    ],
)
def test_each_commission_kind_has_its_formula(
    kind: CommissionType,
    per: CommissionPer,
    base: str,
    fields: dict[str, Any],
    volume: int,
    amount: str,
    currency: str | None,
) -> None:
    terms: dict[str, Any] = {"digits": 5, **fields}
    traded = symbol(comm_type=kind, comm_lots=per, comm_base=D(base), **terms)
    assert formulas.opening_commission(traded, volume, D("1.2")) == (D(amount), currency)


def opened(account: Account, volume: int = 100) -> Trade:
    return services.open_market(login=account.login, cmd=Cmd.BUY, symbol="EURUSD", volume=volume)


def test_commission_is_computed_at_the_open_and_paid_at_the_close(
    alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(comm_base=D(7))
    trade = opened(alice)
    assert trade.commission == D("-7.00")
    closed = services.close_position(login=alice.login, order=trade.order)
    alice.refresh_from_db()
    assert alice.balance == 10000 - 7 - 10
    assert closed.commission == D("-7.00")


@pytest.mark.parametrize(
    ("conversion", "commission", "chain"),
    [
        # 0.01 % of 11,000 USD, bought with euros at the bid.
        ("by_sign", "-1.00", [["EURUSD", "bid", "1.1"]]),
        ("mid", "-0.96", [["EURUSD", "mid", "1.15"]]),
    ],
)
def test_commission_is_converted_at_the_buying_side_or_at_mid(
    bob: Account, eurusd: Symbol, conversion: str, commission: str, chain: list[list[str]]
) -> None:
    bob.group.conversion = conversion
    bob.group.save()
    Symbol.objects.update(comm_base=D("0.01"), comm_type=PERCENT)
    factories.symbol("EURGBP")
    factories.publish(("EURUSD", 1.1, 1.2), ("EURGBP", 0.8, 0.8001))
    trade = services.open_market(login=bob.login, cmd=Cmd.SELL, symbol="EURUSD", volume=10)
    assert trade.commission == D(commission)
    rate, stored = Fill.objects.get(trade=trade).rates["commission"]
    assert stored == chain
    assert D(rate) == 1 / D(chain[0][2])


def test_commission_that_cannot_be_converted_refuses_the_order(alice: Account) -> None:
    factories.symbol("USDCHF", comm_type=PIPS, comm_base=D(1))
    factories.symbol("EURGBP", margin_currency="USD", comm_type=PIPS, comm_base=D(1))
    factories.quote("EURGBP", 0.88, 0.8801)
    with pytest.raises(OffQuotes, match="nothing converts GBP to USD"):
        services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="EURGBP", volume=1)
    assert not Trade.objects.positions().exists()
