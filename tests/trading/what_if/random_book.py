"""A random book over every margin mode in the database, and the stop-out's own result for it."""

from collections.abc import Iterable
from decimal import Decimal as D
from random import Random

from accounts.models import Account, Group, User
from core.clock import now
from market import catalog
from market.errors import OffQuotes
from market.models import GroupTerms, Symbol, SymbolGroup
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.trading.engine.risk.random_market import (
    PRICES,
    all_symbols,
    has_call_ended,
    random_group,
    random_terms,
)
from trading.enums import LevelType
from trading.models import Trade
from trading.services.margin_actions import margin_snapshot
from trading.services.stop_out import must_stop_out
from trading.valuation.positions import load_account_snapshot
from trading.what_if.margin_status import MarginStatus

FIRST = 500_000
Standing = tuple[MarginStatus | None, D | None]
Standings = dict[int, Standing]


def write_book(chance: Random, accounts: int = 120, unquoted: tuple[str, ...] = ()) -> None:
    """Create symbols, five groups with terms, accounts near their levels, and quotes.

    There are none of the `unquoted` symbols.
    """
    heading = SymbolGroup.objects.create(name="All")
    for symbol in all_symbols():
        symbol.group = heading
        symbol.save()
    groups = []
    for number in range(5):
        group = random_group(chance, number)
        group.pk = None
        group.name = f"group-{number}"
        group.save()
        groups.append(group)
        GroupTerms.objects.bulk_create(random_terms(chance, group.pk))
    factories.publish(*(
        (name, price, round(price * 1.0002, 5))
        for name, price in PRICES.items() if name not in unquoted
    ))  # fmt: skip
    users, clients, trades, wealth = [], [], [], []
    for login in range(FIRST, FIRST + accounts):
        users.append(User(login=login, regdate=0))
        account = Account(
            user_id=login, group=chance.choice(groups), leverage=chance.choice([1, 30, 100, 500])
        )
        clients.append(account)
        trades += [random_position(chance, account) for _ in range(chance.randrange(1, 6))]
        wealth.append((chance.uniform(-0.2, 2.5), chance.randrange(-50, 50)))
        account.margin_called = chance.random() < 0.3
    User.objects.bulk_create(users)
    Account.objects.bulk_create(clients)
    Trade.objects.bulk_create(trades)
    standings = statuses_of([account.pk for account in clients])
    for account, (margins, more) in zip(clients, wealth, strict=True):
        fund(account, standings[account.pk][1], margins, more)
    Account.objects.bulk_update(clients, ["balance"])


def random_position(chance: Random, account: Account) -> Trade:
    name = chance.choice(list(PRICES))
    price = PRICES[name] * chance.uniform(0.98, 1.02)
    return Trade(
        account=account,
        symbol_id=name,
        cmd=chance.choice([0, 1]),
        volume=chance.choice([10, 100, 250, 700]),
        open_time=now(),
        open_price=round(D(price), 5),
        commission=D(chance.randrange(-900, 0)) / 100,
        storage=D(chance.randrange(-500, 500)) / 100,
        margin_rate=round(D(chance.uniform(0.5, 1.5)), 8),
    )


def fund(account: Account, margin: D | None, margins: float, more: int) -> None:
    """Set a balance of used margins and dollars, somewhere between a stop-out and wealth."""
    account.balance = round(D(float(margin or 0) * margins) + more, 2)


def margin_status_of(account: Account, quotes: LatestQuotes) -> Standing:
    """Return the stored account's status and used margin; None where not known."""
    try:
        positions = load_account_snapshot(account).positions
        seen = margin_snapshot(account, positions, quotes)
    except OffQuotes:
        return None, None
    if must_stop_out(seen):
        return MarginStatus.STOP_OUT, seen.figures.margin
    low = seen.figures.level_type is not LevelType.OK
    lasts = account.margin_called and not has_call_ended(account, seen.figures)
    return (MarginStatus.CALL if low or lasts else MarginStatus.OK), seen.figures.margin


def statuses_of(logins: Iterable[int]) -> Standings:
    """Return the status of these accounts."""
    catalog.clear_catalog()
    quotes = LatestQuotes()
    stored = Account.objects.select_related("group").filter(pk__in=logins)
    return {account.pk: margin_status_of(account, quotes) for account in stored}


def changed_symbol(chance: Random) -> Symbol:
    """Return a symbol with another margin, not saved."""
    symbol = Symbol.objects.get(pk=chance.choice(list(PRICES)))
    symbol.margin_divider *= D(chance.choice(["0.4", "1.7", "3"]))
    symbol.margin_hedged = symbol.contract_size * D(chance.choice(["0", "0.5", "1"]))
    symbol.leverage_tiers = chance.choice([[], [[1, 60], [3, 20], [None, 7]]])
    symbol.margin_initial *= chance.choice([1, 2])
    return symbol


def changed_group(chance: Random) -> Group:
    """Return a group with other rules, not saved."""
    group = chance.choice(list(Group.objects.all()))
    other = random_group(chance, group.pk)
    other.name, other.currency = group.name, group.currency
    return other


def changed_terms(chance: Random) -> GroupTerms:
    """Return an entry of a group's terms, new or with other mark-ups and leverage, not saved."""
    stored = list(GroupTerms.objects.order_by("pk"))
    group = chance.choice(list(Group.objects.all()))
    entry = GroupTerms(group=group, symbols="*", position=chance.choice([0, 1]))
    if stored and chance.random() < 0.7:
        entry = chance.choice(stored)
    entry.enabled = chance.random() < 0.8
    entry.leverage_cap = chance.choice((None, 3, 50))
    entry.spread = entry.bid_markup = entry.ask_markup = None
    if chance.random() < 0.5:
        entry.spread = chance.randint(0, 900)
    else:
        entry.bid_markup, entry.ask_markup = chance.randint(0, 700), chance.randint(0, 700)
    return entry
