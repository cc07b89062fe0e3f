"""The data of the engine's bench, and the calls that it measures."""

import itertools
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import orjson
from django.db import connection
from django.db.models.functions import Mod

from accounts.models import Account, User
from core.clock import now
from market import catalog
from market.conversion import ConversionSide
from market.models import GroupTerms, LastQuote
from market.quotes.quote import LatestQuotes
from market.quotes.tick_log import Batch, Tick
from tests import factories
from tests.tools.bench.rest_rows import CURRENCIES
from trading.book_updates import OrderUpdate
from trading.engine import order_loading
from trading.engine.book_summary import summarize_book
from trading.engine.engine import Engine
from trading.models import Trade

FIRST = 100_000  # login
PRICE, SPREAD = 1.1, 0.0001
ACCOUNTS = 20_000
SOLD, BOUGHT = ConversionSide.SOLD, ConversionSide.BOUGHT
MOVED = 5  # symbols of a quiet batch
SWEEP = """
SELECT login FROM (
    SELECT account.login, min(account.balance + account.credit) AS own,
        min(shares.margin_stopout) AS stopout,
        sum(amount * CASE WHEN amount >= 0 THEN rate.sold ELSE rate.bought END
            + trade.commission + trade.storage) AS floating,
        sum(trade.volume / 100.0 * symbol.contract_size / account.leverage * trade.margin_rate)
            AS margin
    FROM trading_trade AS trade
    JOIN accounts_account AS account ON account.login = trade.login
    JOIN accounts_group AS shares ON shares.id = account.group_id
    JOIN market_symbol AS symbol ON symbol.name = trade.symbol
    JOIN market_lastquote AS quote ON quote.symbol = trade.symbol
    JOIN bench_rate AS rate ON rate.currency = symbol.quote_currency
    CROSS JOIN LATERAL (SELECT (CASE trade.cmd WHEN 0 THEN quote.bid - trade.open_price
        ELSE trade.open_price - quote.ask END) * trade.volume / 100 * symbol.contract_size
        AS amount) AS worth
    WHERE trade.state = 0 AND trade.cmd IN (0, 1)
    GROUP BY account.login
) AS figures WHERE own + floating <= stopout / 100 * margin
"""


def write_rows(trades: int, accounts: int, symbols: int) -> None:
    """Write symbols, accounts, open trades with stops, last quotes and rates."""
    group = factories.group("bench", leverage=500, margin_call=20, margin_stopout=10)
    pairs = sorted(itertools.permutations(CURRENCIES, 2), key=lambda pair: "USD" not in pair)
    names = [factories.symbol(a + b).name for a, b in pairs[:symbols]]
    logins = range(FIRST, FIRST + accounts)
    User.objects.bulk_create(User(login=login, regdate=0) for login in logins)
    Account.objects.bulk_create(
        Account(user_id=login, group=group, leverage=500, balance=1_000_000) for login in logins
    )
    found = (trade_of(row) for row in rows_of(Random(1), names, accounts, trades))
    while chunk := list(itertools.islice(found, 5000)):
        Trade.objects.bulk_create(chunk)
    factories.publish(*((name, PRICE, PRICE + SPREAD) for name in names))
    LastQuote.objects.bulk_create(
        LastQuote(symbol_id=name, bid=PRICE, ask=PRICE + SPREAD, time=0, received=0, number=0)
        for name in names
    )
    rates, quotes = catalog.current_converter(), LatestQuotes()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_rate (currency text, sold numeric, bought numeric)")
        for currency in CURRENCIES:
            sold, bought = (
                rates.find_rate(currency, "USD", side, quotes).value
                for side in (ConversionSide.SOLD, ConversionSide.BOUGHT)
            )
            cursor.execute("INSERT INTO bench_rate VALUES (%s, %s, %s)", [currency, sold, bought])
        cursor.execute("ANALYZE")


def rows_of(chance: Random, names: list[str], accounts: int, count: int) -> Iterator[OrderUpdate]:
    """Random open trades around the price, with a stop and a profit far away."""
    for order in range(count):
        direction = chance.choice((1, -1))
        yield OrderUpdate(
            order=order, login=FIRST + chance.randrange(accounts), symbol=chance.choice(names),
            cmd=0 if direction > 0 else 1, live=True, revision=1,
            price=round(PRICE + chance.uniform(-0.01, 0.01), 5),
            sl=PRICE - direction * 0.5, tp=PRICE + direction * 0.5, expiration=0, seen=0,
            sl_seen=0, tp_seen=0, volume=chance.randrange(1, 100), costs=-1.5,
        )  # fmt: skip


def trade_of(row: OrderUpdate) -> Trade:
    """The row of the database."""
    return Trade(
        account_id=row.login, symbol_id=row.symbol, cmd=row.cmd, volume=row.volume, digits=5,
        open_time=now(), open_price=row.price, sl=round(row.sl, 5), tp=round(row.tp, 5),
        commission=row.costs,
    )  # fmt: skip


class BookBench:
    """A loaded engine, and the calls that are measured."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.look = engine.margin.scan
        self.names = sorted(name for name in engine.margin.book.symbols if name in self.prices())
        self._turn = itertools.cycle((0.00001, -0.00001))
        self._number = itertools.count(2**62)

    @classmethod
    def loaded(cls) -> "BookBench":
        """Load the shard as an engine does."""
        engine = Engine()
        engine.load()
        return cls(engine)

    def prices(self) -> dict[str, Any]:
        return self.look.book.current_rates.ranges

    def narrowed(self, times: int) -> "BookBench":
        """Return the bench with fewer trades on the symbols that a quiet batch leaves out."""
        engine, moving = Engine(), self.names[:MOVED]
        held = order_loading.load_orders
        try:
            order_loading.load_orders = lambda rows: (
                row for row in held(rows) if row.symbol in moving or row.order % times == 0
            )
            engine.load()
        finally:
            order_loading.load_orders = held
        return BookBench(engine)

    def marked_up(self, count: int) -> "BookBench":
        """Return the bench with the accounts in `count` groups of as many mark-ups."""
        for number in range(count):
            group = factories.group(
                f"{count} mark-ups, {number}", leverage=500, margin_call=20, margin_stopout=10
            )
            GroupTerms.objects.create(
                group=group, symbols="*", bid_markup=number + 1, ask_markup=number + 1
            )
            members = Account.objects.annotate(at=Mod("pk", count)).filter(at=number)
            members.update(group=group)
        return self.loaded()

    def ticks(self, names: list[str]) -> list[Tick]:
        """Return one quote of each symbol, a point up or down."""
        bid = PRICE + next(self._turn)
        return [Tick(name, bid, bid + SPREAD, 0, 0, next(self._number)) for name in names]

    def risk_pass(self) -> None:
        """Scan every account with a batch that moves every symbol."""
        ticks = self.ticks(self.names)
        assert not self.look.scan_batch(ticks)
        for tick in ticks:
            self.look.advance(tick)

    def overview(self) -> None:
        """Compute the sums of the whole book, as they are sent."""
        orjson.dumps(summarize_book(self.look.book), option=orjson.OPT_NON_STR_KEYS)

    def quiet_batch(self) -> None:
        """Process a batch that reaches nothing."""
        self.engine.process_batch(Batch(1, self.ticks(self.names[:MOVED]), {}))

    def sql_sweep(self) -> None:
        """Ask the same question in one SQL statement."""
        with connection.cursor() as cursor:
            cursor.execute(SWEEP)
            assert not cursor.fetchall()

    def bare_numpy(self) -> Callable[[], None]:
        """Do the same arithmetic over plain arrays, in the database's order."""
        book = self.look.book
        place = {name: number for number, name in enumerate(self.names)}
        rows = list(order_loading.load_orders(Trade.objects.live()))
        symbol = np.array([place[row.symbol] for row in rows])
        account = np.array([book.accounts.index_of(row.login) for row in rows])
        direction = np.array([1.0 if row.cmd == 0 else -1.0 for row in rows])
        opened = np.array([row.price for row in rows])
        units = np.array([row.volume * 1000.0 for row in rows])
        costs = np.bincount(account, [row.costs for row in rows])
        own, margin = book.accounts.used("own"), book.accounts.used("margin")
        quotes = [book.symbols[name].quote_currency for name in self.names]
        rates = [
            (book.current_rates.bounds(c, "USD", side) for c in quotes) for side in (SOLD, BOUGHT)
        ]
        sold, bought = (np.array([found[0] for found in of if found]) for of in rates)

        def run() -> None:
            bid = np.full(len(self.names), PRICE + next(self._turn))
            ask = bid + SPREAD
            close = np.where(direction > 0, bid[symbol], ask[symbol])
            amount = direction * (close - opened) * units
            profit = amount * np.where(amount >= 0, sold[symbol], bought[symbol])
            floating = np.bincount(account, profit) + costs
            base = own + floating
            stop, call = base <= 0.1 * margin, base < 0.2 * margin
            assert not np.flatnonzero((margin > 0) & (stop | call) | (base <= 0)).size

        return run
