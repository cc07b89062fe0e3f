"""The base of what staff do to a trading account."""

from typing import Any

from accounts.models import Account
from backoffice.acting.action import Action


class OnAccount(Action):
    """The account's row is locked first; the audit keeps its terms and money before and after."""

    model = "accounts.account"

    def locked(self, row: Any) -> Any:
        """The account with its user and group."""
        return Account.objects.locked(row.pk)

    def state(self, row: Account) -> dict[str, Any]:
        return {
            "group": row.group.name,
            "leverage": row.leverage,
            "enabled": row.user.enable,
            "read_only": row.enable_read_only,
            "balance": row.balance,
            "credit": row.credit,
        }
