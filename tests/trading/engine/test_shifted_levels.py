"""Trigger levels in the market's terms: the quotes that each group's own prices would name."""

from decimal import Decimal as D
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Group
from market.catalog import Catalog
from market.conversion import Converter
from market.models import GroupTerms, Symbol
from market.quotes.tick_log import Tick
from market.terms.terms_table import TermsTable
from tests.fuzz import examples
from trading.book_updates import AccountUpdate, OrderUpdate
from trading.engine.risk.accounts import AccountTable
from trading.engine.triggers.account_prices import AccountPrices
from trading.engine.triggers.trigger_book import TriggerBook
from trading.enums import PENDING_CMDS, Cmd

SYMBOLS = {"EURUSD": Symbol(name="EURUSD", digits=5), "XAUUSD": Symbol(name="XAUUSD", digits=2)}
MIDDLE = {"EURUSD": 110_000, "XAUUSD": 230_000}  # points
GROUPS = {pk: Group(pk=pk, name=str(pk)) for pk in range(1, 6)}
Hit = tuple[int, int, int]  # number of the quote, order, kind


def random_catalog(chance: Random) -> Catalog:
    """Return terms by which groups see the market itself, mark-ups, and fixed spreads."""
    entries = []
    for group in GROUPS:
        for symbols in chance.sample(["EUR*", "XAU*", "*"], chance.randint(0, 2)):
            entry = GroupTerms(group_id=group, symbols=symbols)
            if chance.random() < 0.5:
                entry.spread = chance.randint(0, 30)
            else:
                entry.bid_markup, entry.ask_markup = chance.randint(0, 12), chance.randint(0, 12)
            entries.append(entry)
    return Catalog(SYMBOLS, Converter(SYMBOLS.values()), TermsTable(entries))


class NaiveOrder:
    """One order beside every quote, at its account's prices in Decimal."""

    def __init__(self, update: OrderUpdate) -> None:
        self.update = update
        self.found: dict[int, int] = {}  # kind → number of its first quote

    def compare(self, tick: Tick, catalog: Catalog, group: int) -> None:
        row = self.update
        if tick.symbol != row.symbol:
            return
        quote = tick.to_quote().with_markup(
            catalog.terms.markup(group, row.symbol), SYMBOLS[row.symbol]
        )
        bid, ask = quote.bid, quote.ask
        sl, tp, price = (D(repr(level)) for level in (row.sl, row.tp, row.price))
        reached = {
            Cmd.BUY: {1: bid <= sl, 2: bid >= tp},
            Cmd.SELL: {1: ask >= sl, 2: ask <= tp},
            Cmd.BUY_LIMIT: {3: ask <= price},
            Cmd.SELL_LIMIT: {3: bid >= price},
            Cmd.BUY_STOP: {3: ask >= price},
            Cmd.SELL_STOP: {3: bid <= price},
        }[Cmd(row.cmd)]
        seen = {1: row.sl_seen, 2: row.tp_seen, 3: row.seen}
        for kind, is_reached in reached.items():
            if is_reached and tick.seq_no > seen[kind]:
                self.found.setdefault(kind, tick.seq_no)


class World:
    """Accounts in groups, their orders in a book, and each order beside every quote."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.accounts, self.number = AccountTable(), 0
        self.book = TriggerBook(AccountPrices(self.accounts, random_catalog(self.chance)))
        self.middle = dict(MIDDLE)
        for login in range(1, 9):
            self.put_account(login)
        self.orders = {order: self.random_order(order) for order in range(1, 61)}
        for order in self.orders.values():
            self.book.apply(order.update)
        self.hits: list[Hit] = []

    def put_account(self, login: int) -> None:
        group = self.chance.choice(list(GROUPS))
        update = AccountUpdate(login, 0.0, 0.0, 0, 100, group, called=False)
        self.accounts.put(update, GROUPS[group])

    def random_order(self, order: int) -> NaiveOrder:
        chance, cmd = self.chance, self.chance.choice(list(Cmd)[:6])
        symbol = chance.choice(list(SYMBOLS))
        points = [self.middle[symbol] + chance.randint(-25, 25) for _ in range(3)]
        price, sl, tp = (float(D(p).scaleb(-SYMBOLS[symbol].digits)) for p in points)
        pending = cmd in PENDING_CMDS
        return NaiveOrder(
            OrderUpdate(
                order=order, login=chance.randint(1, 8), symbol=symbol, cmd=cmd, live=True,
                revision=1, price=price, sl=0.0 if pending else sl, tp=0.0 if pending else tp,
                expiration=0, seen=chance.randrange(20), sl_seen=chance.randrange(20),
                tp_seen=chance.randrange(20),
            )
        )  # fmt: skip

    def play_batch(self) -> None:
        """Compare some quotes with the book at once, and one by one with each order."""
        ticks = [self._tick() for _ in range(self.chance.randint(1, 6))]
        found = self.book.find_hits(ticks)
        self.hits += [(hit.tick.seq_no, hit.order, hit.kind) for hit in found]
        for order in self.orders.values():
            login = order.update.login
            group = self.accounts.updates[self.accounts.index_of(login)].group
            for tick in ticks:
                order.compare(tick, self.book.prices.catalog, group)

    def _tick(self) -> Tick:
        self.number += 1
        symbol = self.chance.choice(list(SYMBOLS))
        self.middle[symbol] += self.chance.choice((-9, -2, -1, 0, 1, 2, 9))
        bid, digits = self.middle[symbol], SYMBOLS[symbol].digits
        ask = bid + self.chance.randint(1, 25)
        prices = [float(D(points).scaleb(-digits)) for points in (bid, ask)]
        return Tick(symbol, prices[0], prices[1], self.number, self.number, self.number)

    def first_hits(self) -> set[Hit]:
        """Return the first hit of each trigger; the book finds it again while it holds it."""
        first: dict[tuple[int, int], int] = {}
        for number, order, kind in self.hits:
            first.setdefault((order, kind), number)
        return {(number, order, kind) for (order, kind), number in first.items()}

    def naive_hits(self) -> set[Hit]:
        return {
            (number, key, kind)
            for key, order in self.orders.items()
            for kind, number in order.found.items()
        }


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(0, 2**32))
def test_each_quote_is_judged_by_the_terms_in_force_and_none_is_missed(seed: int) -> None:
    world = World(seed)
    for _ in range(15):
        world.play_batch()
        fate = world.chance.random()
        if fate < 0.3:
            world.book.follow_catalog(random_catalog(world.chance))
        elif fate < 0.6:
            logins = world.chance.sample(range(1, 9), 3)
            for login in logins:
                world.put_account(login)
            world.book.move_accounts(logins)
        elif fate < 0.7:
            order = world.chance.choice(list(world.orders))
            changed = world.random_order(order)
            changed.update = changed.update._replace(
                login=world.orders[order].update.login, revision=world.number + 2,
                symbol=world.orders[order].update.symbol, live=False,
            )  # fmt: skip
            world.book.apply(changed.update)
            del world.orders[order]
            world.hits = [hit for hit in world.hits if hit[1] != order]
    assert world.first_hits() == world.naive_hits()


def book_of(*entries: GroupTerms) -> TriggerBook:
    accounts = AccountTable()
    accounts.put(AccountUpdate(7, 0.0, 0.0, 0, 100, 1, called=False), GROUPS[1])
    catalog = Catalog(SYMBOLS, Converter(SYMBOLS.values()), TermsTable(entries))
    return TriggerBook(AccountPrices(accounts, catalog))


def long_with_stop(sl: float, seen: int = 0) -> OrderUpdate:
    return OrderUpdate(
        order=1, login=7, symbol="EURUSD", cmd=Cmd.BUY, live=True, revision=1, price=1.1, sl=sl,
        tp=0.0, expiration=0, seen=seen, sl_seen=seen, tp_seen=seen,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "bid", "ask"),
    [
        (GroupTerms(group_id=1, symbols="*", bid_markup=4), 1.09954, 1.1),
        (GroupTerms(group_id=1, symbols="*", spread=30), 1.09960, 1.09971),  # mid − 15, down
    ],
)
def test_a_stop_triggers_where_the_groups_bid_reaches_it(
    terms: GroupTerms, bid: float, ask: float
) -> None:
    book = book_of(terms)
    book.apply(long_with_stop(1.0995))
    assert not book.find_hits([Tick("EURUSD", round(bid + 1e-5, 5), ask, 1, 1, 1)])
    assert [hit.order for hit in book.find_hits([Tick("EURUSD", bid, ask, 2, 2, 2)])] == [1]


def test_a_changed_markup_judges_only_quotes_that_the_order_has_not_seen() -> None:
    book = book_of()
    book.apply(long_with_stop(1.0995, seen=5))
    book.follow_catalog(book_of(GroupTerms(group_id=1, symbols="*", bid_markup=9)).prices.catalog)
    assert not book.find_hits([Tick("EURUSD", 1.09955, 1.1, 5, 5, 5)])
    assert book.find_hits([Tick("EURUSD", 1.09955, 1.1, 6, 6, 6)])


def test_a_shift_back_restores_the_level_to_the_last_digit() -> None:
    book = book_of(GroupTerms(group_id=1, symbols="*", bid_markup=7))
    book.apply(long_with_stop(1.12345))
    book.follow_catalog(book_of().prices.catalog)
    tick = Tick("EURUSD", 1.12345, 1.2, 1, 1, 1)
    assert book.find_hits([tick])
    assert not book.find_hits([tick._replace(bid=1.12346)])
    assert not book.new_triggers(long_with_stop(1.12345))
