"""The ledger: the only place that changes a balance or a credit.

Balance = sum over closed and finance trades of profit + commission + storage; credit likewise
over cmd 7 and 9 (domain rules, section 5). The account's row is locked by the caller.
"""

from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import Account, User
from core.clock import now
from core.errors import Invalid
from core.locks import transactional
from core.money import digits_of, rounded
from market import path
from market.quotes import LatestQuotes, Quotes
from realtime.events import EventCode
from trading import errors
from trading.announce import announce
from trading.enums import CREDIT_CMDS, FINANCE_CMDS, Cmd, Reason, State
from trading.models import Trade
from trading.valuation import current

IS_CREDIT = Q(cmd__in=CREDIT_CMDS)
OUT = (Cmd.BALANCE_OUT, Cmd.CREDIT_OUT)
LIMIT = Decimal(10) ** 12  # far from what a balance's column can hold, far above any payment


def book(account: Account, trade: Trade) -> None:
    """Add a row that has just become closed, or a finance row, to the account's figures."""
    amount = trade.profit + trade.commission + trade.storage
    name = "credit" if trade.cmd in CREDIT_CMDS else "balance"
    setattr(account, name, getattr(account, name) + amount)
    account.save(update_fields=[name])


@transactional
def finance(
    *,
    login: int,
    cmd: Cmd,
    amount: Decimal,
    comment: str = "",
    reason: Reason = Reason.DEALER,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Deposit, withdraw, give or take credit: `amount` > 0 in the account's currency.

    `staff` is who did it, where a person did.

    Raises:
        Invalid: not a finance cmd, or an amount that the currency cannot hold.
        WithdrawalRefused: more than the free margin, the balance or the credit given.
    """
    quotes = quotes or LatestQuotes()
    account = Account.objects.locked(login)
    possible(account, cmd, amount, quotes)
    signed = -amount if cmd in OUT else amount
    return enter(account, cmd, signed, quotes, comment=comment, reason=reason, staff=staff)


def possible(account: Account, cmd: Cmd, amount: Decimal, quotes: Quotes) -> None:
    """Raises what `finance` refuses."""
    if cmd not in FINANCE_CMDS:
        raise Invalid("cmd must be 6, 7, 8 or 9")
    payable(account, amount)
    if cmd in OUT:
        _can_leave(account, cmd, amount, quotes)


def payable(account: Account, amount: Decimal) -> None:
    """An amount above 0 that the account's currency can hold. Raises Invalid."""
    digits = digits_of(account.group.currency)
    within = amount.is_finite() and 0 < amount < LIMIT
    if not within or amount != rounded(amount, digits):
        raise Invalid(f"amount must be above 0 with at most {digits} decimals")


def enter(account: Account, cmd: Cmd, signed: Decimal, quotes: Quotes, **fields: Any) -> Trade:
    """Write a finance row, book and announce it; the account is locked, the rules were asked."""
    moment = now()
    if signed < 0:  # quotes from before it judge the account's margin no more
        fields.setdefault("seen", path.newest_number())
    trade = Trade.objects.create(
        account=account,
        cmd=cmd,
        state=State.CLOSED,
        open_time=moment,
        close_time=moment,
        profit=signed,
        digits=digits_of(account.group.currency),
        **fields,
    )
    book(account, trade)
    announce(account, quotes, (trade, EventCode.ADD))
    return trade


def _can_leave(account: Account, cmd: Cmd, amount: Decimal, quotes: Quotes) -> None:
    """Credit counts as equity but cannot be withdrawn; positions keep their margin.

    A floating loss has to be borne also where the group does not count it in the free margin.
    """
    held = account.credit if cmd is Cmd.CREDIT_OUT else account.balance
    figures = current(account, quotes, strict=True)
    free = min(figures.margin_free, figures.equity - figures.margin)
    if cmd is Cmd.BALANCE_OUT:
        free -= account.credit
    if amount > held or amount > free:
        raise errors.WithdrawalRefused
