"""Charging accounts' positions for one night, exactly once.

A trade that was open at the moment is charged with the volume that it had then. What was closed in
between, as happens when a night is charged late, gets its share as a correction: closed rows are
never edited, their cents are in the balance.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import Count, Exists, OuterRef

from core.clock import now
from core.locks import transactional
from core.money import round_to_currency
from market.catalog import current_catalog
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import EventCode
from trading.enums import Cmd, Reason, State
from trading.models import Rollover, SwapCharge, Trade
from trading.querysets import TradeQuerySet
from trading.rollover.charged_sides import is_charged
from trading.rollover.nights import nights_held, nights_to_charge
from trading.rollover.swap_formulas import split_by_volume
from trading.rollover.swap_value import night_fee, night_swap
from trading.services import ledger
from trading.services.announce import announce_changes
from trading.services.negative_balance import protect_negative_balance
from trading.unit.locked_account import LockedAccount
from trading.unit.portions import AccountDecision, DecidedAccount, decide_in_portions
from trading.unit.read import UnitReads
from trading.unit.unit import lock_account
from trading.valuation.account import Valuation

MOST_TRADES = 1000  # that are charged in one transaction


def uncharged_trades(night: Rollover) -> TradeQuerySet:
    """Return the trades that the night is still to be charged for."""
    charges = SwapCharge.objects.filter(trade=OuterRef("pk"), night=night)
    return Trade.objects.open_at(night.moment).filter(is_charged(night), ~Exists(charges))


@dataclass(frozen=True, slots=True)
class NightReads:
    """What is still to be charged of the accounts of a unit, and the newest quotes.

    `orders` are the trades by login, `parts` those closed after the moment by the order that they
    were taken from.
    """

    orders: dict[int, list[int]]
    parts: dict[int, list[Trade]]
    newest: LatestQuotes


def charge_accounts(night: Rollover, quotes: Quotes) -> Iterator[DecidedAccount[int]]:
    """Charge the night for all accounts that lack it, some hundred at once.

    Yields each after the commit with the number of its charged trades, or with why it was left
    out.
    """
    decide = partial(decide_charges, night=night, quotes=quotes)
    for logins in split_logins(night):
        yield from decide_in_portions([AccountDecision(one, (), decide) for one in logins], set())


def split_logins(night: Rollover) -> Iterator[list[int]]:
    """Yield the accounts that the night is still to be charged for, those of MOST_TRADES at once.

    An account with more than that is alone.
    """
    found = uncharged_trades(night).order_by("account").values_list("account")
    logins: list[int] = []
    total = 0
    for login, count in list(found.annotate(Count("pk"))):
        if logins and total + count > MOST_TRADES:
            yield logins
            logins, total = [], 0
        logins.append(login)
        total += count
    yield logins


@transactional
def charge_account(*, login: int, night: Rollover, quotes: Quotes) -> int:
    """Lock the account, and do as `decide_charges` demands."""
    with lock_account(login) as locked:
        return decide_charges(locked, night=night, quotes=quotes)


def decide_charges(locked: LockedAccount, *, night: Rollover, quotes: Quotes) -> int:
    """Charge the night for every trade of the account that lacks it; return how many these are.

    Raises:
        OffQuotes: a price or rate is missing; nothing of the account is charged.
    """
    found = locked.read_once(read_night, night)
    trades = [locked.trade(order)[0] for order in found.orders.get(locked.login, ())]
    valuation = locked.valuation(quotes, strict=True)
    charges = [
        row
        for trade in trades
        for row in charges_of(valuation, night, trade, found.parts.get(trade.order, []))
    ]
    put_charges(locked, charges, found.newest)
    return len(trades)


def read_night(reads: UnitReads, night: Rollover) -> NightReads:
    """Read what the night is still to be charged for of all accounts of a unit."""
    names: set[str] = set()
    ended: list[int] = []
    found = NightReads(defaultdict(list), defaultdict(list), LatestQuotes())
    rows = uncharged_trades(night).filter(account__in=reads.logins).order_by("order")
    for login, order, name, state in rows.values_list("account", "order", "symbol", "state"):
        found.orders[login].append(order)
        names.add(name)
        if state != State.OPEN:
            ended.append(order)
    reads.symbols(names)
    reads.load_trade_rows(ended)
    found.newest.load(current_catalog().symbols)
    later = Trade.objects.filter(
        account__in=reads.logins,
        parent__isnull=False,
        state=State.CLOSED_PART,
        close_time__gt=night.moment,
    )
    for part in later.order_by("order"):
        found.parts[part.parent_id or 0].append(part)
    return found


def charges_of(
    valuation: Valuation, night: Rollover, trade: Trade, parts: list[Trade]
) -> Iterator[SwapCharge]:
    """Yield the night's charges of a trade and its parts: one rounding, then split by volume."""
    owners, currency = [*parts, trade], valuation.currency
    volumes = [owner.volume for owner in owners]
    days = days_to_charge(trade, night.night)
    charge = night_fee if trade.instrument.swap_free else night_swap
    amount, terms = charge(valuation, trade, sum(volumes))
    split = split_by_volume(round_to_currency(amount * days, currency), volumes, currency)
    for owner, share in zip(owners, split, strict=True):
        yield SwapCharge(trade=owner, night=night, days=days, amount=share, terms=terms)


def days_to_charge(trade: Trade, night: date) -> int:
    """Return how many nights are charged at once; of a swap-free position without its grace."""
    symbol = trade.instrument
    days = nights_to_charge(symbol, night)
    if not symbol.swap_free:
        return days
    return max(min(days, nights_held(symbol, trade.open_time, night) - symbol.swap_grace), 0)


def put_charges(locked: LockedAccount, charges: list[SwapCharge], newest: Quotes) -> None:
    """Put the charges: open trades get theirs in storage, closed ones by a correction.

    The events have the figures at the `newest` quotes.
    """
    changed = []
    for row in charges:
        if row.amount and row.trade.state == State.OPEN:
            row.trade.storage += row.amount
            row.trade.revision += 1
            changed.append(row.trade)
        elif row.amount:
            row.correction = post_correction(locked, row, newest)
    locked.add_swap_charges(charges)
    for trade in changed:
        locked.update(trade)
    if changed:
        announce_changes(locked, newest, *((trade, EventCode.UPDATE) for trade in changed))
    if any(row.correction for row in charges):  # a late swap must not leave a negative balance
        protect_negative_balance(locked, newest, now())


def post_correction(locked: LockedAccount, charge: SwapCharge, newest: Quotes) -> Trade:
    """Post the late swap of a closed trade as a finance row that points to it."""
    return ledger.post_entry(
        locked,
        Cmd.BALANCE_IN if charge.amount > 0 else Cmd.BALANCE_OUT,
        charge.amount,
        newest,
        comment=f"swap of {charge.night_id} for #{charge.trade_id}",
        reason=Reason.DEALER,
        corrects=charge.trade,
    )
