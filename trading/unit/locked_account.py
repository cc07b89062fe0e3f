"""An account under lock with its live trades: what decisions read, and where they put changes.

Nothing here writes to the database. What is put here is read back from here at once, so that one
decision follows another (a stop-out after a close) without a statement.
"""

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal

from accounts.models import Account, Group
from core.errors import Denied
from market.catalog import current_converter
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes.quote import Quote, Quotes
from realtime.events.notifications import notification_rows
from realtime.events.types import StreamEvent, number_events
from trading import errors
from trading.book_updates import AccountUpdate, BookUpdate, OrderUpdate
from trading.enums import FINANCE_CMDS, PENDING_CMDS, State
from trading.models import Fill, MarginAction, SwapCharge, Trade
from trading.unit.account_quotes import AccountQuotes
from trading.unit.change_set import ChangeSet
from trading.unit.read import Answer, Argument, UnitReads
from trading.unit.running_sums import RunningSums
from trading.unit.trade_rows import (
    CLOSE_TIME,
    CMD,
    LOGIN,
    ORDER,
    SEEN,
    STATE,
    SYMBOL,
    TradeRow,
    is_older_position,
    is_opposite,
    is_position,
    opening_of,
    position_of,
    row_of,
    trade_of,
)
from trading.valuation.account import Figures, Valuation
from trading.valuation.position_sums import PositionSums
from trading.valuation.positions import Position


class LockedAccount:
    """One account of a unit of work; its row is locked until the transaction ends."""

    def __init__(self, account: Account, live: Iterable[TradeRow], reads: UnitReads) -> None:
        self.account = account
        self.changes = ChangeSet(account.seq + 1)
        self._live = {row[ORDER]: row for row in live}
        self._ended: dict[int, TradeRow] = {}  # by this unit
        self._reads = reads
        self._find_positions()

    def _find_positions(self) -> None:
        """Make positions of the live rows, by the terms of the account's group."""
        self._positions: dict[int, Position] = {
            row[ORDER]: position_of(row, self.account.group_id)
            for row in filter(is_position, self._live.values())
        }
        self._sums: list[RunningSums] = []
        self._quotes = AccountQuotes(self.account.group)

    def set_terms(self, group: Group, leverage: int) -> None:
        """Put the account into the group, with the leverage; the caller stores them."""
        self.account.group, self.account.leverage = group, leverage
        self._find_positions()

    @property
    def login(self) -> int:
        return self.account.login

    @property
    def positions(self) -> Collection[Position]:
        """Return the open positions, those of the moment at which one looks."""
        return self._positions.values()

    def position(self, order: int) -> Position | None:
        return self._positions.get(order)

    def live_trades(self) -> list[Trade]:
        """Return new instances of the positions and pendings."""
        return [trade_of(row, self.account) for row in self._live.values()]

    def open_positions(self) -> list[Trade]:
        """Return new instances of the positions, oldest first, with stored instruments."""
        return self._with_stored_symbols(self._positions)

    def pending_orders(self) -> list[Trade]:
        """Return new instances of the pendings, oldest first, with stored instruments."""
        return self._with_stored_symbols(self._live.keys() - self._positions.keys())

    def _with_stored_symbols(self, orders: Iterable[int]) -> list[Trade]:
        rows = [self._live[order] for order in sorted(orders)]
        found = self._reads.instruments(self.account.group_id, [row[SYMBOL] for row in rows])
        return [trade_of(row, self.account, found[row[SYMBOL]]) for row in rows]

    def trade(self, order: int, foreign: type[Denied] = Denied) -> tuple[Trade, Symbol]:
        """Return a new instance of an order of the account as it stands, and its instrument.

        That is the symbol as it is stored, by the terms of the account's group.

        Raises:
            TradeNotFound: no such order, or a finance operation.
            Denied (or `foreign`): the order belongs to another login.
        """
        row = self._live.get(order) or self._ended.get(order) or self._reads.trade_row(order)
        if row is None or row[SYMBOL] is None:
            raise errors.TradeNotFound
        if row[LOGIN] != self.login:
            raise foreign("the order belongs to another login")
        symbol = self._reads.instruments(self.account.group_id, [row[SYMBOL]])[row[SYMBOL]]
        return trade_of(row, self.account, symbol), symbol

    def find_trade(self, order: int) -> Trade | None:
        """Return a new instance of an order as it stands, None where there is none."""
        try:
            return self.trade(order)[0]
        except (errors.TradeNotFound, Denied):
            return None

    def stored_symbol(self, name: str) -> Symbol | None:
        """Return the symbol as stored, by the terms of the account's group; None without one."""
        return self._reads.instruments(self.account.group_id, [name]).get(name)

    def quotes(self, quotes: Quotes) -> Quotes:
        """Return the quotes as the account sees them; those of one source are always the same."""
        return self._quotes.mark_up(quotes)

    def see(self, quote: Quote, quotes: Quotes) -> Quote:
        """Return a quote of the market as the account sees it, by the terms of `quotes`."""
        return self._quotes.mark_up_quote(quote, quotes)

    def find_older(self, trade: Trade) -> int | None:
        """Return the order of the oldest position of its symbol and side, None if it is `trade`."""
        older = [row for row in self._live.values() if is_older_position(row, trade)]
        return min(older, key=opening_of)[ORDER] if older else None

    def find_opposite(self, trade: Trade) -> int | None:
        """Return a live order of the same symbol on the other side than `trade`, if any."""
        return next((row[ORDER] for row in self._live.values() if is_opposite(row, trade)), None)

    def live_count(self) -> int:
        return len(self._live)

    def has_seen_after(self, seq_no: int, since: int) -> bool:
        """Return whether a position or money was changed with a quote later than `seq_no`.

        Of what has ended only rows from `since` on (unix seconds) count.
        """
        later = (
            row
            for row in (*self._live.values(), *self._ended.values())
            if row[SEEN] > seq_no and row[CMD] not in PENDING_CMDS
        )
        if any(row[STATE] == State.OPEN or row[CLOSE_TIME] >= since for row in later):
            return True
        return self._reads.last_ended_seq_no(self.login, since) > seq_no

    def read_once(self, read: Callable[[UnitReads, Argument], Answer], about: Argument) -> Answer:
        """Return what `read` finds about something; it is asked once for all of the unit."""
        return self._reads.read_once(read, about)

    def valuation(self, quotes: Quotes, *, strict: bool = False) -> Valuation:
        """Return the account's valuation at these quotes, with the quotes of its positions read.

        It is the same for the same quotes: an amount is converted at one rate all through.
        """
        return self._running_sums(quotes, strict=strict).valuation

    def sums(self, quotes: Quotes) -> PositionSums:
        """Return the sums over the positions as they stand.

        Raises:
            OffQuotes: a price is not known.
        """
        return self._running_sums(quotes, strict=True).current()

    def figures(self, quotes: Quotes, *, strict: bool = False) -> Figures:
        """Compute the account's figures as it stands; a `strict` one may raise OffQuotes."""
        valuation, sums = self._current_sums(quotes, strict=strict)
        return valuation.figures_of_sums(sums)

    def _current_sums(self, quotes: Quotes, *, strict: bool) -> tuple[Valuation, PositionSums]:
        """Return the strict sums, or where a price is not known those that leave it out."""
        running = self._running_sums(quotes, strict=True)
        try:
            return running.valuation, running.current()
        except OffQuotes:
            if strict:
                raise
        running = self._running_sums(quotes, strict=False)
        return running.valuation, running.current()

    def _running_sums(self, quotes: Quotes, *, strict: bool) -> RunningSums:
        quotes = self.quotes(quotes)
        for running in self._sums:
            if running.valuation.quotes is quotes and running.valuation.strict is strict:
                return running
        valuation = Valuation(self.account, current_converter(), quotes, strict=strict)
        valuation.load_quotes(self._positions.values())
        self._sums.append(RunningSums(valuation, self._positions))
        return self._sums[-1]

    def insert(self, trade: Trade) -> Trade:
        """Put a new trade; it gets its order number. Returns the trade."""
        trade.order = self._reads.next_order()
        self._put(self.changes.inserted, trade)
        return trade

    def update(self, trade: Trade) -> None:
        """Put the trade as it stands now."""
        changes = self.changes
        self._put(changes.inserted if trade.order in changes.inserted else changes.updated, trade)

    def _put(self, rows: dict[int, TradeRow], trade: Trade) -> None:
        row = rows[trade.order] = row_of(trade)
        self.changes.count += 1
        for mapping in (self._live, self._positions, self._ended):
            mapping.pop(trade.order, None)
        for running in self._sums:
            running.mark_changed(trade.order)
        (self._live if trade.state == State.OPEN else self._ended)[trade.order] = row
        if is_position(row):
            self._positions[trade.order] = position_of(row, self.account.group_id)

    def add_fill(self, fill: Fill) -> None:
        """Put the evidence of a fill."""
        self.changes.fills.append(fill)
        self.changes.count += 1

    def add_margin_action(self, action: MarginAction) -> None:
        """Put the evidence of a margin action; it may be completed until the unit is written."""
        self.changes.margin_actions.append(action)
        self.changes.count += 1

    def add_swap_charges(self, charges: Iterable[SwapCharge]) -> None:
        """Put the swaps of a night."""
        self.changes.swap_charges.extend(charges)
        self.changes.count += 1

    def add_money(self, balance: Decimal, credit: Decimal) -> None:
        """Add to balance and credit; only the ledger does."""
        self.account.balance += balance
        self.account.credit += credit
        self._change_figures()

    def set_margin_called(self, called: bool) -> None:
        """Note whether the client was told of a margin call."""
        self.account.margin_called = called
        self._change_figures()

    def raise_margin_seen(self, quotes: Quotes) -> None:
        """Let only quotes judge the account that are later than these of its positions."""
        symbols = self._current_sums(quotes, strict=False)[1].symbols
        numbers = [quote.seq_no for one in symbols if (quote := quotes.get(one.name))]
        self.account.margin_seen = max([self.account.margin_seen, *numbers])
        self._change_figures()

    def append_events(self, *events: StreamEvent) -> None:
        """Give each event the account's next seq."""
        numbered = number_events(events, self.account.seq + 1)
        self.changes.events.extend(event.as_wire() for event in numbered)
        self.changes.notifications.extend(notification_rows(self.login, numbered))
        self.account.seq += len(events)
        self._change_figures()

    def send_book_update(self, trades: Iterable[Trade]) -> None:
        """Have the engine informed of the trades and the account after the commit.

        The `seen` of a finance row marks the quotes that are older than its money. That of a
        pending does not count for the account: new pendings could keep its margin from being
        checked.
        """
        changes = self.changes
        for trade in trades:
            if trade.cmd not in FINANCE_CMDS:
                changes.orders[trade.order] = OrderUpdate.of_trade(trade)
            if trade.cmd not in PENDING_CMDS:
                changes.book_seen = max(changes.book_seen, trade.seen)
        changes.for_book = True
        changes.count += 1

    def book_update(self) -> BookUpdate | None:
        """Return what the engine is to be informed of, None where there is nothing."""
        if not self.changes.for_book:
            return None
        return BookUpdate(list(self.changes.orders.values()), self.account_update())

    def account_update(self) -> AccountUpdate:
        """Return the account as it stands, as the engine's book uses it."""
        return AccountUpdate.of_account(self.account, self.changes.book_seen)

    def _change_figures(self) -> None:
        self.changes.figures = True
        self.changes.count += 1
