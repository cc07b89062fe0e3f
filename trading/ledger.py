"""The ledger: the only place that changes a balance or a credit.

Balance = sum over closed and finance trades of profit + commission + storage; credit likewise
over cmd 7 and 9 (domain rules, section 5). The account's row is locked by the caller.
"""

from decimal import Decimal

from django.db.models import Q

from accounts.models import Account
from core.clock import now
from core.errors import Invalid
from core.locks import transactional
from core.money import cents, digits_of
from market.quotes import LatestQuotes, Quotes
from realtime.events import EventCode
from trading import errors
from trading.announce import announce
from trading.enums import CREDIT_CMDS, FINANCE_CMDS, Cmd, Reason, State
from trading.models import Trade
from trading.valuation import current

IS_CREDIT = Q(cmd__in=CREDIT_CMDS)
OUT = (Cmd.BALANCE_OUT, Cmd.CREDIT_OUT)


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
    quotes: Quotes | None = None,
) -> Trade:
    """Deposit, withdraw, give or take credit: `amount` > 0 in the account's currency.

    Raises:
        Invalid: not a finance cmd, or an amount that the currency cannot hold.
        WithdrawalRefused: more than the free margin, the balance or the credit given.
    """
    quotes = quotes or LatestQuotes()
    account = Account.objects.locked(login)
    currency = account.group.currency
    if cmd not in FINANCE_CMDS or amount <= 0 or amount != cents(amount, currency):
        raise Invalid(f"amount must be above 0 with at most {digits_of(currency)} decimals")
    if cmd in OUT:
        _can_leave(account, cmd, amount, quotes)
    moment = now()
    trade = Trade.objects.create(
        account=account,
        cmd=cmd,
        state=State.CLOSED,
        reason=reason,
        open_time=moment,
        close_time=moment,
        profit=-amount if cmd in OUT else amount,
        comment=comment,
        digits=digits_of(currency),
    )
    book(account, trade)
    announce(account, quotes, (trade, EventCode.ADD))
    return trade


def _can_leave(account: Account, cmd: Cmd, amount: Decimal, quotes: Quotes) -> None:
    """Credit counts as equity but cannot be withdrawn; positions keep their margin."""
    held = account.credit if cmd is Cmd.CREDIT_OUT else account.balance
    free = current(account, quotes, strict=True).margin_free
    if cmd is Cmd.BALANCE_OUT:
        free -= account.credit
    if amount > held or amount > free:
        raise errors.WithdrawalRefused
