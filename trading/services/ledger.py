"""The ledger: the only code that changes a balance or a credit.

Balance = sum over closed and finance trades of profit + commission + storage; credit
likewise over cmd 7 and 9 (domain.md, section 5).
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Q

from accounts.models import Account, User
from core.clock import now
from core.errors import Invalid
from core.locks import transactional
from core.money import ZERO, digits_of, round_amount, smallest_step
from market.quotes import tick_log
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import EventCode
from trading import refusals
from trading.enums import CREDIT_CMDS, FINANCE_CMDS, Cmd, Reason, State
from trading.models import Trade
from trading.services.announce import announce_changes
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account
from trading.valuation.account import Figures

IS_CREDIT = Q(cmd__in=CREDIT_CMDS)
WITHDRAWAL_CMDS = (Cmd.BALANCE_OUT, Cmd.CREDIT_OUT)
# Far below what the balance's column can hold, far above any payment.
AMOUNT_LIMIT = Decimal(10) ** 12


def post_to_account(locked: LockedAccount, trade: Trade) -> None:
    """Add a row that was just closed, or a finance row, to the account's balance or credit."""
    amount = trade.profit + trade.commission + trade.storage
    if trade.cmd in CREDIT_CMDS:
        locked.add_money(balance=ZERO, credit=amount)
    else:
        locked.add_money(balance=amount, credit=ZERO)


@transactional
def post_operation(
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

    `staff` is the member of staff who acts, if any. Returns the finance row.

    Raises:
        Invalid: not a finance cmd, or an amount that the currency cannot hold.
        WithdrawalRefused: more than the free margin, the balance or the credit given.
        OffQuotes: for a withdrawal, a price that the free margin depends on is not known.
    """
    quotes = quotes or LatestQuotes()
    with lock_account(login, new_orders=1) as locked:
        check_operation(locked.account, cmd, amount, lambda: locked.figures(quotes, strict=True))
        signed = -amount if cmd in WITHDRAWAL_CMDS else amount
        return post_entry(locked, cmd, signed, quotes, comment=comment, reason=reason, staff=staff)


def check_operation(
    account: Account, cmd: Cmd, amount: Decimal, strict_figures: Callable[[], Figures]
) -> None:
    """Refuse an operation that is not possible; raises what `post_operation` documents.

    `strict_figures` computes the account's figures, or raises OffQuotes.
    """
    if cmd not in FINANCE_CMDS:
        raise Invalid("cmd must be 6, 7, 8 or 9")
    check_amount(account, amount)
    if cmd in WITHDRAWAL_CMDS:
        _check_withdrawal(account, cmd, amount, strict_figures())


def check_amount(account: Account, amount: Decimal) -> None:
    """Refuse an amount that is not above 0 or that the account's currency cannot hold.

    Raises:
        Invalid: it is such an amount.
    """
    digits = digits_of(account.group.currency)
    within = amount.is_finite() and 0 < amount < AMOUNT_LIMIT
    if not within or amount != round_amount(amount, digits):
        text = f"must be above 0 and below {AMOUNT_LIMIT:,f}, with at most {digits} decimals"
        raise Invalid(
            f"amount must be above 0 with at most {digits} decimals",
            form_message=f"Amount {text}.",
            field="amount",
        )


def post_entry(
    locked: LockedAccount, cmd: Cmd, signed: Decimal, quotes: Quotes, **fields: object
) -> Trade:
    """Put a finance row, post it and announce it; `signed` is negative for what goes out.

    The caller has checked the operation. Returns the row.
    """
    time = now()
    if signed < 0:  # earlier quotes no longer count for the account's margin
        fields.setdefault("seen", tick_log.newest_seq_no())
    trade = Trade(
        account=locked.account,
        cmd=cmd,
        state=State.CLOSED,
        open_time=time,
        close_time=time,
        profit=signed,
        digits=digits_of(locked.account.group.currency),
        **fields,
    )
    locked.insert(trade)
    post_to_account(locked, trade)
    announce_changes(locked, quotes, (trade, EventCode.ADD))
    return trade


def _check_withdrawal(account: Account, cmd: Cmd, amount: Decimal, figures: Figures) -> None:
    """Refuse to take out more than `withdrawable_amount`. Raises WithdrawalRefused."""
    currency = account.group.currency
    most = withdrawable_amount(figures, currency, cmd)
    if amount > most:
        raise refusals.too_much_taken(most, currency)


def withdrawable_amount(figures: Figures, currency: str, cmd: Cmd = Cmd.BALANCE_OUT) -> Decimal:
    """Return how much of the balance, or of the credit, can be taken out at these figures.

    Credit counts as equity but cannot be withdrawn. A floating loss counts also where the
    group leaves it out of the free margin. At the currency's decimals, and never below 0.
    """
    available = figures.credit if cmd is Cmd.CREDIT_OUT else figures.balance
    free = min(figures.margin_free, figures.equity - figures.margin)
    if cmd is Cmd.BALANCE_OUT:
        free -= figures.credit
    step = smallest_step(digits_of(currency))
    most: Decimal = min(available, free)
    return max(most.quantize(step, rounding=ROUND_FLOOR), ZERO)
