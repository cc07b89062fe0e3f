"""Negative balance protection: a client who lost everything owes nothing (domain.md, 6)."""

from accounts.models import Account
from market.quotes import Quote, Quotes
from trading import ledger
from trading.enums import Cmd, Reason
from trading.evidence import stored
from trading.margin_log import look, write
from trading.models import MarginAction, Trade

COMMENT = "negative balance protection"
CREDIT_COMMENT = f"{COMMENT}: credit used up"


def protect(
    account: Account, quotes: Quotes, time: int, quote: Quote | None = None
) -> Trade | None:
    """Bring the balance of a locked account to 0 where no position and no equity is left.

    Credit bears the loss first: it goes out, and the compensation covers what is below
    zero. `quote` is the one that the last position was just closed at, if one was; `time`
    is unix seconds. Returns the compensating row, or None where nothing is to be done.
    """
    lost = account.balance < 0 and account.balance + account.credit <= 0
    if not (lost and account.group.negative_balance_protection):
        return None
    if Trade.objects.positions().filter(account=account).exists():
        return None
    seen = look(account, quotes)
    written: dict[str, int] = {"reason": Reason.DEALER}
    if quote is not None:
        seen.quotes.used[quote.symbol] = quote
        written["seen"] = quote.number
    if account.credit:
        ledger.enter(
            account, Cmd.CREDIT_OUT, -account.credit, quotes, comment=CREDIT_COMMENT, **written
        )
    row = ledger.enter(
        account, Cmd.BALANCE_IN, -account.balance, quotes, comment=COMMENT, **written
    )
    action = write(seen, MarginAction.Kind.COMPENSATION, time, row)
    action.after = stored(look(account, quotes).figures)
    action.save(update_fields=["after"])
    return row
