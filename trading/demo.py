"""The demo clients' first deposit, through the ledger like any other money."""

from accounts.demo import CLIENTS, DEMO_DEPOSIT
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger


def seed() -> None:
    """Deposit 10 000.00 for each demo client that has never had a finance operation."""
    for login, *_ in CLIENTS:
        if not Trade.objects.finance_operations().filter(account=login).exists():
            ledger.post_operation(
                login=login, cmd=Cmd.BALANCE_IN, amount=DEMO_DEPOSIT, comment="demo deposit"
            )
