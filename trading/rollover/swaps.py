"""Charging one account's positions for one night, exactly once.

A trade that was open at the moment is charged with the volume that it had then. What was closed in
between, as happens when a night is charged late, gets its share as a correction: closed rows are
never edited, their cents are in the balance.
"""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from core.clock import now
from core.locks import transactional
from core.money import round_to_currency
from market.catalog import current_converter
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import EventCode
from trading.enums import Cmd, Reason, State
from trading.models import Rollover, SwapCharge, Trade
from trading.querysets import TradeQuerySet
from trading.rollover.nights import nights_to_charge
from trading.rollover.swap_formulas import split_by_volume
from trading.rollover.swap_value import night_swap
from trading.services import ledger
from trading.services.announce import announce_changes
from trading.services.negative_balance import protect_negative_balance
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account
from trading.valuation.account import Valuation

HAS_SWAP = Q(symbol__swap_enable=True) & (
    Q(cmd=Cmd.BUY) & ~Q(symbol__swap_long=0) | Q(cmd=Cmd.SELL) & ~Q(symbol__swap_short=0)
)


def uncharged_trades(night: Rollover) -> TradeQuerySet:
    """Return the trades that the night is still to be charged for."""
    charges = SwapCharge.objects.filter(trade=OuterRef("pk"), night=night)
    return Trade.objects.open_at(night.moment).filter(HAS_SWAP, ~Exists(charges))


def uncharged_logins(night: Rollover) -> list[int]:
    """Return the accounts that the night is still to be charged for."""
    found = uncharged_trades(night).order_by("account").values_list("account", flat=True)
    return list(found.distinct())


@transactional
def charge_account(*, login: int, night: Rollover, quotes: Quotes) -> int:
    """Charge the night for every trade of the account that lacks it; return how many these are.

    Raises:
        OffQuotes: a price or rate is missing; nothing of the account is charged.
    """
    with lock_account(login) as locked:
        rows = uncharged_trades(night).filter(account=login).select_related("symbol")
        trades = list(rows.order_by("order"))
        parts = parts_closed_since(night, trades)
        valuation = Valuation(locked.account, current_converter(), quotes, strict=True)
        charges = [
            row
            for trade in trades
            for row in charges_of(valuation, night, trade, parts[trade.order])
        ]
        put_charges(locked, charges)
        return len(trades)


def parts_closed_since(night: Rollover, trades: list[Trade]) -> dict[int, list[Trade]]:
    """Return the parts closed after the moment, by the order that they were taken from."""
    parts: dict[int, list[Trade]] = defaultdict(list)
    later = Trade.objects.filter(
        parent__in=trades, state=State.CLOSED_PART, close_time__gt=night.moment
    )
    for part in later.order_by("order"):
        parts[part.parent_id or 0].append(part)
    return parts


def charges_of(
    valuation: Valuation, night: Rollover, trade: Trade, parts: list[Trade]
) -> Iterator[SwapCharge]:
    """Yield the night's charges of a trade and its parts: one rounding, then split by volume."""
    owners, currency = [*parts, trade], valuation.currency
    volumes = [owner.volume for owner in owners]
    days = nights_to_charge(trade.instrument, night.night)
    amount, terms = night_swap(valuation, trade, sum(volumes))
    split = split_by_volume(round_to_currency(amount * days, currency), volumes, currency)
    for owner, share in zip(owners, split, strict=True):
        yield SwapCharge(trade=owner, night=night, days=days, amount=share, terms=terms)


def put_charges(locked: LockedAccount, charges: list[SwapCharge]) -> None:
    """Put the charges: open trades get theirs in storage, closed ones by a correction."""
    changed = []
    for row in charges:
        if row.amount and row.trade.state == State.OPEN:
            row.trade.storage += row.amount
            row.trade.revision += 1
            changed.append(row.trade)
        elif row.amount:
            row.correction = post_correction(locked, row)
    locked.add_swap_charges(charges)
    for trade in changed:
        locked.update(trade)
    if changed:
        announce_changes(locked, LatestQuotes(), *((trade, EventCode.UPDATE) for trade in changed))
    if any(row.correction for row in charges):  # a late swap must not leave a negative balance
        protect_negative_balance(locked, LatestQuotes(), now())


def post_correction(locked: LockedAccount, charge: SwapCharge) -> Trade:
    """Post the late swap of a closed trade as a finance row that points to it."""
    return ledger.post_entry(
        locked,
        Cmd.BALANCE_IN if charge.amount > 0 else Cmd.BALANCE_OUT,
        charge.amount,
        LatestQuotes(),
        comment=f"swap of {charge.night_id} for #{charge.trade_id}",
        reason=Reason.DEALER,
        corrects=charge.trade,
    )
