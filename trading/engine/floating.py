"""Floating `b` and `o` frames for connected accounts: at most every 250 ms, only what changed."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from accounts.models import Account
from core.money import ZERO, cents, exact
from market.path import Tick
from realtime import publish
from realtime.events import EventCode, Wire
from trading.engine.risk.look import Exact
from trading.engine.watch import MarginWatch
from trading.events import TradeEvent, balance_event, trade_event
from trading.models import Trade
from trading.valuation import Figures, level_type

EVERY = 0.25  # seconds between two frames of the same figures
NOISE = 8  # beyond these a float's digits are rounding noise


class Floating:
    """The frames last sent to connected clients, and what has changed since."""

    def __init__(self, margin: MarginWatch) -> None:
        self._margin = margin
        self._connected: set[int] = set()
        self._moved: set[str] = set()
        self._changed: set[int] = set()
        self._sent: dict[int, dict[str, Wire]] = {}
        self._trades: dict[int, dict[int, TradeEvent]] = {}
        self._next = 0.0

    @property
    def waits(self) -> bool:
        """Return whether there may be something to send before the next quote comes."""
        return bool(self._connected and (self._moved or self._changed))

    def meet(self) -> None:
        """Read from Redis who is connected; new connections get all their figures."""
        place = self._margin.book.accounts.place
        now = {login for login in publish.connected() if place(login) >= 0}
        for login in self._connected - now:
            self._sent.pop(login, None)
            self._trades.pop(login, None)
        self._changed |= now - self._connected
        self._connected = now

    def moved(self, ticks: Iterable[Tick]) -> None:
        """Note that these quotes have been processed."""
        if self._connected:
            self._moved.update(tick.symbol for tick in ticks)

    def changed(self, login: int) -> None:
        """Note that an order or the money of the account has changed."""
        if login in self._connected:
            self._changed.add(login)
            self._sent.pop(login, None)  # the event sent its trade without the floating profit
            self._trades.pop(login, None)

    def send(self) -> None:
        """Publish the figures that have changed, when it is time."""
        if not self.waits or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        publish.floating(list(self._messages()))
        self._moved.clear()
        self._changed.clear()

    def _messages(self) -> Iterator[publish.Floating]:
        """Yield the changed frames of each connected account."""
        book = self._margin.book
        for login in self._connected:
            place = book.accounts.place(login)
            if not book.accounts.orders[place]:
                self._sent.pop(login, None)
                continue
            if login not in self._changed and self._moved.isdisjoint(self._margin.look.legs(place)):
                continue
            known = self._sent.get(login, {})
            frames = dict(self._frames(place))
            self._sent[login] = frames
            news = {key: wire for key, wire in frames.items() if known.get(key) != wire}
            if news:
                yield publish.Floating(login, book.accounts.rows[place].seq, news)

    def _frames(self, place: int) -> Iterator[tuple[str, Wire]]:
        """Yield the account's figures and each of its open trades, as frames by key."""
        accounts = self._margin.book.accounts
        login, group = accounts.rows[place].login, accounts.groups[place]
        seen = self._margin.look.exact(place)
        account = Account(user_id=login, group=group)
        yield "b", balance_event(account, figures(account, seen)).wire()
        if login not in self._trades:
            rows = Trade.objects.positions().filter(account=login)
            self._trades[login] = {t.order: trade_event(t, EventCode.UPDATE) for t in rows}
        for order, profit in seen.profits.items():
            event = self._trades[login].get(order)
            if event is not None:
                shown = cents(decimal(profit), group.currency)
                yield f"o {order}", replace(event, profit=shown).wire()


def figures(account: Account, seen: Exact) -> Figures:
    """Return the risk book's floats as the figures that requests are answered with.

    All costs are given as commission; storage is 0.
    """
    balance, credit, costs = decimal(seen.balance), decimal(seen.credit), decimal(seen.costs)
    margin, base = decimal(seen.margin), decimal(seen.base)
    level = decimal(seen.base / seen.margin * 100) if margin else None
    return Figures(
        balance=balance,
        credit=credit,
        profit=decimal(sum(seen.profits.values())),
        storage=ZERO,
        commission=costs,
        margin=margin,
        equity=decimal(seen.equity),
        margin_free=base - margin,
        level=level,
        level_type=level_type(account.group, level, base),
    )


def decimal(number: float) -> Decimal:
    """Return the number without the rounding noise of a float; never a negative zero."""
    return exact(round(number, NOISE)) + ZERO
