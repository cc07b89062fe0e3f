"""What trading does when an account is opened or changed, and which symbols it uses."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Account
from core.money import round_to_currency
from market.models import Symbol
from trading import book_updates
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger

ACCOUNT_TERMS = {"group", "leverage"}  # of an account; no trading service changes them


def post_first_deposit(account: Account) -> None:
    """Post the group's default deposit, if any, in the transaction that opens the account."""
    group = account.group
    amount = round_to_currency(group.default_deposit, group.currency)
    if amount > 0:
        ledger.post_operation(
            login=account.login, cmd=Cmd.BALANCE_IN, amount=amount, comment="first deposit"
        )


def has_live_trades(symbol: Symbol) -> bool:
    """Return whether there are positions or pendings of the symbol: its terms are then frozen."""
    return Trade.objects.live().filter(symbol=symbol).exists()


@receiver(post_save, sender=Account)
def send_account_terms(
    instance: Account, update_fields: frozenset[str] | None = None, **_: object
) -> None:
    """Send the engine an account whose leverage or group was saved.

    Changed figures are sent by `announce_changes`.
    """
    if update_fields is None or ACCOUNT_TERMS & update_fields:
        book_updates.send_account_update(instance)
