"""The base of actions on trades: how they are locked, and what the audit stores of them."""

from typing import TypeVar

from accounts.models import Account
from backoffice.actions.action import Action, Answers, AuditValues
from market.models import format_lots
from trading.backoffice.order_words import state_word
from trading.models import Trade

TradeRow = TypeVar("TradeRow", Account, Trade)

AUDITED_FIELDS = (
    "order",
    "open_price",
    "sl",
    "tp",
    "expiration",
    "close_price",
    "profit",
    "comment",
)


class TradeAction(Action[TradeRow, Answers]):
    """An action on trades, or on an account with trades: the account is locked first."""

    def locked(self, obj: TradeRow) -> TradeRow:
        if isinstance(obj, Account):
            return Account.objects.locked(obj.login)
        account = Account.objects.locked(obj.account_id)
        trade = Trade.objects.select_for_update(no_key=True).get(pk=obj.pk)
        trade.account = account
        return trade

    def state(self, obj: TradeRow) -> AuditValues:
        """Return the order and the account's money, for the audit entry."""
        if isinstance(obj, Account):
            return money_of_account(obj)
        return {
            **{name: getattr(obj, name) for name in AUDITED_FIELDS},
            "state": state_word(obj.state),
            "lots": format_lots(obj.volume),
            **money_of_account(obj.account),
        }


def money_of_account(account: Account) -> AuditValues:
    """Return what an order or a correction can change of the account."""
    return {"balance": account.balance, "credit": account.credit}
