"""A day with everything that can be posted, of clients in two currencies."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import Account, User
from core.clock import now
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.factories import D
from trading import services
from trading.enums import Cmd
from trading.models import Rollover, SwapCharge, Trade
from trading.reports.broker_result import Period
from trading.services import ledger
from trading.unit.unit import lock_account


@dataclass(frozen=True)
class BusyDay:
    """The closed orders of Alice (USD), and what the balances moved by, by login."""

    closed: Trade
    piece: Trade
    moved: dict[int, Decimal]


def around_now() -> Period:
    """Return the days around this moment: a test may run over midnight."""
    today = datetime.fromtimestamp(now(), UTC).date()
    return Period(today - timedelta(1), today + timedelta(1))


@pytest.fixture
def busy_day(alice: Account, bob: Account, eurusd: Symbol, dan: User) -> BusyDay:
    """Deposits and withdrawals, two closes of Alice with corrections, and a loss of Bob below 0.

    Alice pays 3.00 a lot and closes 0.30 and 0.70 of a lot that lose 10.00; a swap of -1.25 comes
    late. 5.00 are given back to her, of which 1.00 is taken again; of a deposit of 700.00 are
    200.00 reversed. Bob gets 20,000.00 of compensation in EUR, or so.
    """
    Symbol.objects.update(comm_base=D(3))
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    piece = services.close_position(login=100001, order=trade.order, volume=30)
    closed = services.close_position(login=100001, order=trade.order)
    post_late_swap(piece, "-1.25")
    goodwill = correct(closed, "5", dan)
    correct(goodwill, "-1", dan)
    deposit = ledger.post_operation(login=100001, cmd=Cmd.BALANCE_IN, amount=D(700))
    correct(deposit, "-200", dan)
    for cmd, amount in ((Cmd.BALANCE_OUT, 50), (Cmd.CREDIT_IN, 100), (Cmd.CREDIT_OUT, 40)):
        ledger.post_operation(login=100001, cmd=cmd, amount=D(amount))
    lost = services.open_market(login=100002, cmd=Cmd.BUY, symbol="EURUSD", volume=500)
    factories.quote("EURUSD", 1.05, 1.0501)
    services.close_position(login=100002, order=lost.order)
    balances = dict(Account.objects.values_list("pk", "balance"))
    return BusyDay(closed, piece, balances)


def correct(row: Trade, amount: str, staff: User) -> Trade:
    """Correct a posted row."""
    return services.correct_entry(
        login=row.account_id, order=row.order, amount=D(amount), reason="wrong", staff=staff
    )


def post_late_swap(trade: Trade, amount: str) -> None:
    """Post the swap of a trade that is closed already."""
    night = Rollover.objects.create(night=date(2026, 11, 20), moment=now())
    with lock_account(trade.account_id) as locked:
        row = ledger.post_entry(
            locked, Cmd.BALANCE_OUT, D(amount), LatestQuotes(), comment="swap", corrects=trade
        )
    SwapCharge.objects.create(trade=trade, night=night, amount=D(amount), correction=row)
