"""Corrections: new rows that point to a posted one, which stays as it is."""

from decimal import Decimal

from accounts.models import Account, User
from core.errors import Denied, Invalid, Refused
from core.locks import transactional
from market.quotes.quote import LatestQuotes, Quotes
from trading import errors
from trading.enums import CREDIT_CMDS, FINANCE_CMDS, Cmd, Reason
from trading.models import Trade
from trading.querysets import CLOSED_STATES
from trading.services import ledger
from trading.services.position_admission import COMMENT_LENGTH
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account


@transactional
def correct_entry(
    *,
    login: int,
    order: int,
    amount: Decimal,
    reason: str,
    staff: User,
    quotes: Quotes | None = None,
) -> Trade:
    """Post the signed `amount` as a correction of the posted row `order`; return the new row.

    A correction states what is true: unlike a withdrawal it may leave less than the margin
    needs and bring the balance below zero. `reason` becomes its comment.

    Raises:
        Invalid: no reason, one too long, or an amount that the currency cannot hold.
        Denied: `staff` is not a staff member, or the order belongs to another login.
        TradeNotFound, IncorrectState: there is no posted row with this order.
    """
    with lock_account(login, new_orders=1) as locked:
        return _post_correction(locked, order, amount, reason, staff, quotes or LatestQuotes())


def _post_correction(
    locked: LockedAccount, order: int, amount: Decimal, reason: str, staff: User, quotes: Quotes
) -> Trade:
    """Put the correction; raises what `correct_entry` documents."""
    account, reason = locked.account, reason.strip()
    if not reason or len(reason) > COMMENT_LENGTH:
        raise Invalid(f"reason must have 1 to {COMMENT_LENGTH} characters")
    if not staff.is_staff:
        raise Denied("only staff correct the ledger")
    ledger.check_amount(account, abs(amount))
    row = Trade.objects.filter(pk=order).first()
    if row is None:
        raise errors.TradeNotFound
    if row.account_id != locked.login:
        raise Denied("the order belongs to another login")
    if row.state not in CLOSED_STATES:
        raise errors.IncorrectState("only what is booked can be corrected")
    return ledger.post_entry(
        locked,
        _correction_cmd(row, amount),
        amount,
        quotes,
        comment=reason,
        reason=Reason.DEALER,
        staff=staff,
        corrects=row,
    )


@transactional
def reverse_operation(
    *, login: int, order: int, reason: str, staff: User, quotes: Quotes | None = None
) -> Trade:
    """Post what is left of the finance row `order` with the opposite sign; return the new row.

    What was corrected before is not taken back twice.

    Raises:
        Refused: nothing is left of it.
        IncorrectCmd: it is not a finance row.
        BrokerError: what `correct_entry` raises.
    """
    Account.objects.locked(login)
    row = Trade.objects.filter(pk=order, account=login).first()
    if row is None:
        raise errors.TradeNotFound
    if row.cmd not in FINANCE_CMDS:
        raise errors.IncorrectCmd("only a finance operation can be reversed")
    amount = -remaining_amount(row)
    return correct_entry(
        login=login, order=order, amount=amount, reason=reason, staff=staff, quotes=quotes
    )


def remaining_amount(row: Trade) -> Decimal:
    """Return the amount of a finance row with its corrections, and with their corrections.

    Raises:
        Refused: the amount is 0; it names the correction that took the last of it back.
    """
    total: Decimal = row.profit
    last, rows = row.order, [row]
    while rows := list(Trade.objects.filter(corrects__in=rows)):
        total += sum(further.profit for further in rows)
        last = max(last, *(further.order for further in rows))
    if not total:
        raise Refused(f"already reversed by order {last}")
    return total


def _correction_cmd(row: Trade, amount: Decimal) -> Cmd:
    """Return the cmd of the correction: credit corrects credit, balance everything else."""
    if row.cmd in CREDIT_CMDS:
        return Cmd.CREDIT_IN if amount > 0 else Cmd.CREDIT_OUT
    return Cmd.BALANCE_IN if amount > 0 else Cmd.BALANCE_OUT
