"""Withdrawals: never more than what is left after the floating loss."""

from decimal import Decimal as D

import pytest

from accounts.enums import FloatingMode
from accounts.models import Account
from market.models import Symbol
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.errors import WithdrawalRefused
from trading.services import ledger


@pytest.fixture(params=FloatingMode)
def cat(request: pytest.FixtureRequest, eurusd: Symbol) -> Account:
    """10,000 with a floating loss of 5,000 on two lots, in each floating mode of a group."""
    mode = FloatingMode(request.param)
    account = factories.client(200001, factories.group(f"mode-{mode}", margin_mode=mode))
    factories.quote("EURUSD", 1.1, 1.1)
    services.open_market(login=account.login, cmd=Cmd.BUY, symbol="EURUSD", volume=200)
    factories.quote("EURUSD", 1.075, 1.075)
    return account


def test_a_floating_loss_cannot_be_withdrawn_in_any_floating_mode(cat: Account) -> None:
    """5,000 of equity, of which 2,200 are margin."""
    with pytest.raises(WithdrawalRefused):
        ledger.post_operation(login=cat.login, cmd=Cmd.BALANCE_OUT, amount=D("2800.01"))
    ledger.post_operation(login=cat.login, cmd=Cmd.BALANCE_OUT, amount=D(2800))
    cat.refresh_from_db()
    assert cat.balance == 7200


def test_credit_cannot_be_withdrawn(cat: Account) -> None:
    ledger.post_operation(login=cat.login, cmd=Cmd.CREDIT_IN, amount=D(1000))
    with pytest.raises(WithdrawalRefused):
        ledger.post_operation(login=cat.login, cmd=Cmd.BALANCE_OUT, amount=D("2800.01"))
