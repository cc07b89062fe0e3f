"""Negative balance protection: a client who lost everything owes nothing (domain.md, 6)."""

from market.quotes.quote import Quote, Quotes
from trading.enums import Cmd, Reason
from trading.evidence.figures import figures_as_json
from trading.models import MarginAction, Trade
from trading.services import ledger
from trading.services.margin_actions import margin_snapshot, record_margin_action
from trading.unit.locked_account import LockedAccount

COMMENT = "negative balance protection"
CREDIT_COMMENT = f"{COMMENT}: credit used up"


def protect_negative_balance(
    locked: LockedAccount, quotes: Quotes, time: int, quote: Quote | None = None
) -> Trade | None:
    """Bring the balance of a locked account to 0 where no position and no equity is left.

    Credit bears the loss first: it goes out, and the compensation covers what is below
    zero. `quote` is the one that the last position was just closed at, if one was; `time`
    is unix seconds. Returns the compensating row, or None where nothing is to be done.
    """
    account = locked.account
    has_lost_all = account.balance < 0 and account.balance + account.credit <= 0
    if not (has_lost_all and account.group.negative_balance_protection):
        return None
    if locked.positions:
        return None
    snapshot = margin_snapshot(account, [], quotes)
    fields: dict[str, int] = {"reason": Reason.DEALER}
    if quote is not None:
        snapshot.quotes.used[quote.symbol] = quote.market
        fields["seen"] = quote.seq_no
    if account.credit:
        ledger.post_entry(
            locked, Cmd.CREDIT_OUT, -account.credit, quotes, comment=CREDIT_COMMENT, **fields
        )
    row = ledger.post_entry(
        locked, Cmd.BALANCE_IN, -account.balance, quotes, comment=COMMENT, **fields
    )
    action = record_margin_action(locked, snapshot, MarginAction.Kind.COMPENSATION, time, row)
    action.after = figures_as_json(margin_snapshot(account, [], quotes).figures)
    return row
