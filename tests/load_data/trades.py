"""Trades by the million with their fills and a consistent ledger."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson
from django.db import connection

from market.models import Symbol
from market.quotes.quote import BATCH_SIZE
from realtime.models import AccountEvent
from tests.load_data.accounts import CURRENCIES, group_name_of
from tests.load_data.table_copy import (
    NULL,
    LoadPlan,
    TableCopy,
    set_next_key,
    take_next_key,
    without_indexes,
)
from trading.enums import DIRECTIONS, Activation, Cmd, State
from trading.models import Fill, Trade

ROWS_PER_COPY = 50_000
DEPOSIT = 20_000
USD_RATES = {"USD": 1.0, "EUR": 1.17, "GBP": 1.34, "JPY": 1 / 155, "CAD": 0.72, "CHF": 1.25}
TRADE_COLUMNS = (
    "order", "account_id", "symbol_id", "cmd", "state", "activation", "volume", "closed_volume",
    "open_time", "close_time", "open_price", "close_price", "sl", "tp", "profit", "commission",
    "digits", "comment", "parent_id",
)  # fmt: skip
ACTIVATIONS = (*[Activation.NONE] * 12, *[Activation.STOP_LOSS] * 4, *[Activation.TAKE_PROFIT] * 3,
    Activation.STOP_OUT)  # fmt: skip
FILL_COLUMNS = ("trade_id", "kind", "time", "price", "volume", "quote", "around")
SET_BALANCES_SQL = """
    UPDATE accounts_account AS account SET balance = rows.balance, credit = rows.credit
    FROM (
        SELECT login, coalesce(sum(profit + commission) FILTER (WHERE cmd <> 7), 0) AS balance,
            coalesce(sum(profit + commission) FILTER (WHERE cmd = 7), 0) AS credit
        FROM trading_trade WHERE state IN (3, 4) AND login >= %s GROUP BY login
    ) AS rows WHERE rows.login = account.login
"""
SET_SEQ_SQL = "UPDATE accounts_account SET seq = 1 WHERE login >= %s"


def load(plan: LoadPlan) -> None:
    """Write deposits, trades and fills in the order of time, then an event for every account."""
    generator = TradeGenerator(plan, take_next_key(Trade))
    trades, fills = TableCopy(Trade, *TRADE_COLUMNS), TableCopy(Fill, *FILL_COLUMNS)
    with without_indexes(Trade, Fill, AccountEvent):
        for begin in range(0, plan.trades, ROWS_PER_COPY):
            end = min(begin + ROWS_PER_COPY, plan.trades)
            lines = [generator.make_row(number) for number in range(begin, end)]
            trades.write(lines)
            fills.write(generator.take_fills())
        TableCopy(AccountEvent, "login", "seq", "time", "event").write(_welcome_events(plan))
        with connection.cursor() as cursor:
            cursor.execute(SET_BALANCES_SQL, [plan.first_login])
            cursor.execute(SET_SEQ_SQL, [plan.first_login])
    set_next_key(Trade, generator.first + plan.trades)


def _welcome_events(plan: LoadPlan) -> Iterator[str]:
    for number in range(plan.accounts):
        login, time = plan.login_of(number), plan.time_at(number / plan.accounts)
        wire = ["n", "Welcome", "", "", 0, 10, login, time, 0]
        yield f"{login}\t1\t{time}\t{orjson.dumps(wire).decode()}"


@dataclass(frozen=True)
class GeneratedPosition:
    """A generated position as it was opened."""

    order: int
    account: int
    symbol: Symbol
    side: int
    price: str
    volume: int
    time: int

    def copy_line(
        self,
        plan: LoadPlan,
        state: State,
        closed: int,
        activation: int = 0,
        *,
        time: int = 0,
        price: str = "0",
        sl: str = "0",
        profit: float = 0,
        parent: str = NULL,
    ) -> str:
        """Return the trade's row as COPY text; `closed` is the volume closed in parts."""
        return (
            f"{self.order}\t{plan.login_of(self.account)}\t{self.symbol.name}\t{self.side}\t{state}"
            f"\t{activation}\t{self.volume}\t{closed}\t{self.time}\t{time}\t{self.price}\t{price}"
            f"\t{sl}\t0\t{profit:.2f}\t{-0.04 * self.volume:.2f}\t{self.symbol.digits}\t\t{parent}"
        )


class TradeGenerator:
    """Generates rows in the order of time: deposits of new accounts, trades of earlier ones."""

    def __init__(self, plan: LoadPlan, first: int) -> None:
        self.plan, self.first = plan, first
        # The first of these is the account's deposit.
        self.rows_per_account = plan.trades // plan.accounts
        self.symbols = list(Symbol.objects.exclude(demo_price=0).order_by("name"))
        self.units = {s.name: float(s.contract_size) / 100 for s in self.symbols}
        self.prices = {s.name: float(s.demo_price) for s in self.symbols}
        self.rng = random.Random(7)
        self._fills: list[str] = []
        self._split_position: GeneratedPosition | None = None

    def take_fills(self) -> list[str]:
        """Return the fills of the rows generated since the last call."""
        taken, self._fills = self._fills, []
        return taken

    def make_row(self, number: int) -> str:
        """Generate the row with this number, from 0."""
        part = number / self.plan.trades
        time = self.plan.time_at(part)
        owner, place = divmod(number, self.rows_per_account)
        if place == 0 and owner < self.plan.accounts:
            return self._finance_row(number, owner, time, Cmd.BALANCE_IN, DEPOSIT)
        account = min(int(self.rng.random() ** 2 * (owner + 1)), self.plan.accounts - 1)
        draw = self.rng.random()
        if self._split_position:
            return self._partial_close_row(number)
        if draw < 0.01:
            cmd, amount = ((Cmd.BALANCE_OUT, -50), (Cmd.CREDIT_IN, 100))[draw < 0.002]
            return self._finance_row(number, account, time, cmd, amount)
        if draw < 0.05:
            waits = part > 0.98
            return self._pending_row(number, account, time, State.OPEN if waits else State.DELETED)
        return self._position_row(number, account, time, is_open=part > 0.97 and draw < 0.6)

    def _finance_row(self, number: int, account: int, time: int, cmd: Cmd, amount: int) -> str:
        order, login = self.first + number, self.plan.login_of(account)
        return (
            f"{order}\t{login}\t{NULL}\t{cmd}\t{State.CLOSED}\t0\t0\t0"
            f"\t{time}\t{time}\t0\t0\t0\t0\t{amount}\t0\t2\tload\t{NULL}"
        )

    def _pending_row(self, number: int, account: int, time: int, state: State) -> str:
        symbol = self._pick_symbol()
        cmd = 2 + number % 4
        price = self.prices[symbol.name] * (0.9 if cmd in (Cmd.BUY_LIMIT, Cmd.SELL_STOP) else 1.1)
        ended = state == State.DELETED
        return (
            f"{self.first + number}\t{self.plan.login_of(account)}\t{symbol.name}\t{cmd}\t{state}"
            f"\t{Activation.CANCEL if ended else 0}\t{1 + number % 20}\t0\t{time}"
            f"\t{time + 3600 if ended else 0}\t{price:.{symbol.digits}f}\t0\t0\t0\t0\t0"
            f"\t{symbol.digits}\t\t\\N"
        )

    def _position_row(self, number: int, account: int, time: int, *, is_open: bool) -> str:
        symbol, volume, side = self._pick_symbol(), 1 + number % 20, number % 2
        near = self.prices[symbol.name] * (0.97 + 0.06 * self.rng.random())
        price = f"{near:.{symbol.digits}f}"
        order = self.first + number
        closed = 5 if volume > 10 and number % 16 == 3 and number + 3 < self.plan.trades else 0
        if closed:
            self._split_position = GeneratedPosition(
                order, account, symbol, side, price, closed, time
            )
            volume -= closed
        self._add_fill(order, "open", time, price, volume + closed)
        opened = GeneratedPosition(order, account, symbol, side, price, volume, time)
        if is_open:
            level = near * (0.9, 1.1)[side]
            return opened.copy_line(self.plan, State.OPEN, closed, sl=f"{level:.{symbol.digits}f}")
        return self._closed_row(opened, State.CLOSED, closed)

    def _partial_close_row(self, number: int) -> str:
        whole, self._split_position = self._split_position, None
        assert whole is not None
        piece = replace(whole, order=self.first + number)
        return self._closed_row(piece, State.CLOSED_PART, 0, parent=str(whole.order))

    def _closed_row(
        self, opened: "GeneratedPosition", state: State, closed: int, parent: str = NULL
    ) -> str:
        symbol, time = opened.symbol, min(opened.time + 60 + opened.order % 90_000, self.plan.now)
        price = f"{float(opened.price) * (1 + self.rng.gauss(0.00002, 0.002)):.{symbol.digits}f}"
        self._add_fill(opened.order, "close", time, price, opened.volume)
        moved = (float(price) - float(opened.price)) * DIRECTIONS[opened.side]
        rate = USD_RATES.get(symbol.quote_currency, 1.0)
        rate /= USD_RATES[CURRENCIES[group_name_of(opened.account)]]
        profit = moved * self.units[symbol.name] * opened.volume * rate
        activation = ACTIVATIONS[opened.order % len(ACTIVATIONS)]
        return opened.copy_line(
            self.plan, state, closed, activation, time=time, price=price, profit=profit,
            parent=parent,
        )  # fmt: skip

    def _add_fill(self, order: int, kind: str, time: int, price: str, volume: int) -> None:
        ms = time * 1000
        quote = f"[{price}, {price}, {ms}, {ms}, {ms * BATCH_SIZE}]"
        self._fills.append(f"{order}\t{kind}\t{time}\t{price}\t{volume}\t{quote}\t[{quote}]")

    def _pick_symbol(self) -> Symbol:
        return self.symbols[int(self.rng.random() ** 2 * len(self.symbols))]
