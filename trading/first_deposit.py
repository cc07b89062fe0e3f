"""The money that a group gives to a new account, booked like any other."""

from typing import Any

from django.dispatch import receiver

from accounts.models import Account
from accounts.signals import account_opened
from core.money import cents
from trading import ledger
from trading.enums import Cmd


@receiver(account_opened)
def book(account: Account, **_: Any) -> None:
    """A positive default deposit, in the transaction that opens the account."""
    group = account.group
    amount = cents(group.default_deposit, group.currency)
    if amount > 0:
        ledger.finance(
            login=account.login, cmd=Cmd.BALANCE_IN, amount=amount, comment="first deposit"
        )
