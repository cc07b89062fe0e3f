"""The base of actions on trades: how they are locked, and what the audit stores of them."""

from typing import Any

from accounts.models import Account
from backoffice.acting.action import Action
from market.models import format_lots
from trading.enums import State
from trading.models import Trade

KEPT = ("order", "open_price", "sl", "tp", "expiration", "close_price", "profit", "comment")


class OnRows(Action):
    """An action on trades, or on an account with trades: the account is locked first."""

    def locked(self, row: Any) -> Any:
        if isinstance(row, Account):
            return Account.objects.locked(row.login)
        account = Account.objects.locked(row.account_id)
        trade = Trade.objects.select_for_update(no_key=True).get(pk=row.pk)
        trade.account = account
        return trade

    def state(self, row: Any) -> dict[str, Any]:
        """Return the order and the account's money, for the audit entry."""
        if isinstance(row, Account):
            return money(row)
        return {
            **{name: getattr(row, name) for name in KEPT},
            "state": State(row.state).label,
            "lots": format_lots(row.volume),
            **money(row.account),
        }


def money(account: Account) -> dict[str, Any]:
    """Return what an order or a correction can change of the account."""
    return {"balance": account.balance, "credit": account.credit}
