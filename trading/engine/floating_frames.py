"""Floating `b` and `o` frames for connected accounts: at most every 250 ms, only what changed."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from accounts.models import Account
from core.money import ZERO, exact_decimal, round_to_currency
from market.quotes.tick_log import Tick
from realtime.events import publish
from realtime.events.types import EventCode, WireArray
from trading.engine.margin_monitor import MarginMonitor
from trading.engine.risk.scan import FloatFigures
from trading.events import TradeEvent, balance_event, trade_event
from trading.models import Trade
from trading.valuation.account import Figures, reached_level_type

SEND_INTERVAL = 0.25  # seconds between two frames of the same figures
FLOAT_DECIMALS = 8  # beyond these a float's digits are rounding noise


class FloatingFrames:
    """The frames last sent to connected clients, and what has changed since."""

    def __init__(self, margin: MarginMonitor) -> None:
        self._margin = margin
        self._connected: set[int] = set()
        self._moved_symbols: set[str] = set()
        self._changed_logins: set[int] = set()
        self._sent_frames: dict[int, dict[str, WireArray]] = {}
        self._trade_events: dict[int, dict[int, TradeEvent]] = {}
        self._next_send = 0.0

    @property
    def has_unsent(self) -> bool:
        """Return whether there may be something to send before the next quote comes."""
        return bool(self._connected and (self._moved_symbols or self._changed_logins))

    def refresh_connected(self) -> None:
        """Read from Redis who is connected; new connections get all their figures."""
        index_of = self._margin.book.accounts.index_of
        now = {login for login in publish.connected_logins() if index_of(login) >= 0}
        for login in self._connected - now:
            self._sent_frames.pop(login, None)
            self._trade_events.pop(login, None)
        self._changed_logins |= now - self._connected
        self._connected = now

    def mark_moved(self, ticks: Iterable[Tick]) -> None:
        """Note that these quotes have been processed."""
        if self._connected:
            self._moved_symbols.update(tick.symbol for tick in ticks)

    def mark_changed(self, login: int) -> None:
        """Note that an order or the money of the account has changed."""
        if login in self._connected:
            self._changed_logins.add(login)
            # The event sent its trade without the floating profit.
            self._sent_frames.pop(login, None)
            self._trade_events.pop(login, None)

    def mark_all_changed(self) -> None:
        """Note that the figures of any account may have changed."""
        self._changed_logins |= self._connected

    def send(self) -> None:
        """Publish the figures that have changed, when it is time."""
        if not self.has_unsent or time.monotonic() < self._next_send:
            return
        self._next_send = time.monotonic() + SEND_INTERVAL
        publish.publish_floating(list(self._messages()))
        self._moved_symbols.clear()
        self._changed_logins.clear()

    def _messages(self) -> Iterator[publish.FloatingMessage]:
        """Yield the changed frames of each connected account."""
        book = self._margin.book
        for login in self._connected:
            index = book.accounts.index_of(login)
            if not book.accounts.orders[index]:
                self._sent_frames.pop(login, None)
                continue
            if login not in self._changed_logins and self._moved_symbols.isdisjoint(
                self._margin.scan.moving_symbols(index)
            ):
                continue
            sent = self._sent_frames.get(login, {})
            frames = dict(self._frames(index))
            self._sent_frames[login] = frames
            changed = {key: wire for key, wire in frames.items() if sent.get(key) != wire}
            if changed:
                yield publish.FloatingMessage(login, book.accounts.updates[index].seq, changed)

    def _frames(self, index: int) -> Iterator[tuple[str, WireArray]]:
        """Yield the account's figures and each of its open trades, as frames by key."""
        accounts = self._margin.book.accounts
        login, group = accounts.updates[index].login, accounts.groups[index]
        values = self._margin.scan.figures_of(index)
        account = Account(user_id=login, group=group)
        yield "b", balance_event(account, figures_from_floats(account, values)).as_wire()
        if login not in self._trade_events:
            rows = Trade.objects.positions().filter(account=login)
            self._trade_events[login] = {t.order: trade_event(t, EventCode.UPDATE) for t in rows}
        for order, profit in values.profits.items():
            event = self._trade_events[login].get(order)
            if event is not None:
                rounded = round_to_currency(to_decimal(profit), group.currency)
                yield f"o {order}", replace(event, profit=rounded).as_wire()


def figures_from_floats(account: Account, values: FloatFigures) -> Figures:
    """Return the risk book's floats as the figures that requests are answered with.

    All costs are given as commission; storage is 0.
    """
    balance, credit, costs = (
        to_decimal(values.balance),
        to_decimal(values.credit),
        to_decimal(values.costs),
    )
    margin, base = to_decimal(values.margin), to_decimal(values.base)
    level = to_decimal(values.base / values.margin * 100) if margin else None
    return Figures(
        balance=balance,
        credit=credit,
        profit=to_decimal(sum(values.profits.values())),
        storage=ZERO,
        commission=costs,
        margin=margin,
        equity=to_decimal(values.equity),
        margin_free=base - margin,
        level=level,
        level_type=reached_level_type(account.group, level, base),
    )


def to_decimal(number: float) -> Decimal:
    """Return the number without the rounding noise of a float; never a negative zero."""
    return exact_decimal(round(number, FLOAT_DECIMALS)) + ZERO
