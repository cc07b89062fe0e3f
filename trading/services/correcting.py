"""Correct what was booked: by a new row that points to the old one, which stays as it is."""

from decimal import Decimal

from accounts.models import Account, User
from core.errors import Denied, Invalid
from core.locks import transactional
from market.quotes import LatestQuotes, Quotes
from trading import errors, ledger
from trading.enums import CREDIT_CMDS, Cmd, Reason
from trading.models import Trade
from trading.querysets import CLOSED_STATES
from trading.services.common import COMMENT_LENGTH


@transactional
def correct(
    *,
    login: int,
    order: int,
    amount: Decimal,
    reason: str,
    staff: User,
    quotes: Quotes | None = None,
) -> Trade:
    """Book the signed `amount` for the closed trade or finance row `order`. Answers the new row.

    A correction states what is true: unlike a withdrawal it may leave less than the margin needs
    and bring the balance below zero. `reason` becomes its comment.

    Raises:
        Invalid: no reason, one too long, or an amount that the currency cannot hold.
        Denied: `staff` is no staff member, or the order belongs to another login.
        TradeNotFound, IncorrectState: there is nothing booked under this order.
    """
    account = Account.objects.locked(login)
    reason = reason.strip()
    if not reason or len(reason) > COMMENT_LENGTH:
        raise Invalid(f"reason must have 1 to {COMMENT_LENGTH} characters")
    if not staff.is_staff:
        raise Denied("only staff correct the ledger")
    ledger.payable(account, abs(amount))
    row = Trade.objects.filter(pk=order).first()
    if row is None:
        raise errors.TradeNotFound
    if row.account_id != login:
        raise Denied("the order belongs to another login")
    if row.state not in CLOSED_STATES:
        raise errors.IncorrectState("only what is booked can be corrected")
    return ledger.enter(
        account, _cmd(row, amount), amount, quotes or LatestQuotes(),
        comment=reason, reason=Reason.DEALER, staff=staff, corrects=row,
    )  # fmt: skip


def _cmd(row: Trade, amount: Decimal) -> Cmd:
    """Credit is corrected by credit, everything else by balance."""
    if row.cmd in CREDIT_CMDS:
        return Cmd.CREDIT_IN if amount > 0 else Cmd.CREDIT_OUT
    return Cmd.BALANCE_IN if amount > 0 else Cmd.BALANCE_OUT
