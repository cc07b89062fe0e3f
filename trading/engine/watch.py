"""Margin calls and stop-outs: which accounts the service is asked to check, and when again."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Account
from market import catalog
from market.path import Tick
from market.quotes import Quotes
from market.sessions import is_open
from trading import services
from trading.book_updates import AccountRow, Row
from trading.engine import loading
from trading.engine.actions import AWAY
from trading.engine.risk.book import RiskBook
from trading.engine.risk.look import Look, Reached
from trading.models import Trade

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds until an account is checked again after a check that changed nothing


@dataclass(frozen=True, slots=True)
class Vain:
    """A check that changed nothing.

    `received` is the receipt time of its quote in ms, `until` a time of this process's
    monotonic clock.
    """

    reached: Reached
    received: int
    until: float
    failed: bool


class MarginWatch:
    """The risk book of a shard, and the accounts that each quote of a batch concerns."""

    def __init__(self) -> None:
        self.book = RiskBook(catalog.current(), loading.groups())
        self.look = Look(self.book)
        self._suspects: set[int] = set()
        self._legs: dict[int, set[str]] = {}  # of the suspects, for one batch
        self._vain: dict[int, Vain] = {}
        self.stopped = 0  # number of stop-outs executed

    def over(self, ticks: Iterable[Tick]) -> None:
        """Find the accounts that the batch may concern, before it is processed."""
        self._suspects = set(self.look.over(ticks))
        self._legs.clear()

    def changed(self, login: int) -> None:
        """Check the account at the quotes that follow in the batch: it was changed within it."""
        place = self.book.accounts.place(login)
        self._suspects.add(place)
        self._legs.pop(place, None)
        self._vain.pop(login, None)

    def hear(self, row: AccountRow, *, wanted: bool) -> None:
        """Apply an account update; of an unknown account only when it is wanted."""
        if wanted or self.book.accounts.place(row.login) >= 0:
            if row.group not in self.book.groups:
                self.settings()
            self.book.tell(row)
            self._vain.pop(row.login, None)

    def meet(self, logins: Iterable[int]) -> None:
        """Load those of these accounts that are not in the book."""
        unknown = {login for login in logins if self.book.accounts.place(login) < 0}
        for row in loading.accounts(unknown) if unknown else ():
            self.hear(row, wanted=True)

    def put(self, row: Row) -> None:
        """Apply an order update; its account is in the book unless the order has ended."""
        if self.book.accounts.place(row.login) < 0:
            return
        if row.symbol not in self.book.symbols:
            catalog.forget()
            self.settings()
        self.book.put(row)

    def settings(self) -> None:
        """Take over what was changed of symbols and groups."""
        if self.book.retell(catalog.current(), loading.groups()):
            self.look = Look(self.book)
            self.look.anew()

    def reconcile(self, rows: Iterable[AccountRow]) -> None:
        """Repair what lost updates or rounding have left wrong."""
        for row in rows:
            self.hear(row, wanted=True)
        self.book.settle()
        self.look.anew()

    def due(self, tick: Tick) -> list[int]:
        """Return the logins whose figures demand a check at this quote, already processed."""
        accounts = self.book.accounts
        due = []
        for place in sorted(self._suspects):
            if place not in self._legs:
                self._legs[place] = self.look.legs(place)
            if tick.symbol not in self._legs[place] or tick.number <= accounts.data["seen"][place]:
                continue
            reached = self.look.reached(place)
            if reached is not None and not self._is_vain(place, reached, tick):
                due.append(accounts.rows[place].login)
        return due

    def ask(self, login: int, tick: Tick, quotes: Quotes) -> list[Trade]:
        """Have the service check the account's margin; return the trades that it changed."""
        place = self.book.accounts.place(login)
        before = self.book.accounts.rows[place]
        reached = self.look.reached(place)
        failed = False
        trades: list[Trade] = []
        try:
            trades = services.watch_margin(login=login, quote=tick.quote(), quotes=quotes)
        except AWAY:
            raise
        except Exception:
            # One account that cannot be handled must not keep all the others from their stops.
            log.exception("the margin of %s failed", login)
            failed = True
        self.reread(login)
        self._vain.pop(login, None)
        if trades:
            self.stopped += 1
            log.info("account %s: stop-out of %s at %s", login, [t.order for t in trades], tick)
        elif reached and self.book.accounts.rows[place] == before:
            self._vain[login] = Vain(reached, tick.received, time.monotonic() + PAUSE, failed)
        return trades

    def reread(self, login: int) -> None:
        """Take over the account as the database has it; its book update may come later."""
        account = Account.objects.filter(pk=login).first()
        if account is not None:
            self.hear(AccountRow.of(account), wanted=False)

    def _is_vain(self, place: int, reached: Reached, tick: Tick) -> bool:
        """Return whether the same check just changed nothing, and this quote opens no market."""
        accounts = self.book.accounts
        vain = self._vain.get(accounts.rows[place].login)
        if vain is None or reached > vain.reached:
            return False
        if vain.failed:
            return time.monotonic() < vain.until
        if tick.received >= vain.received + PAUSE * 1000:
            return False
        held = {self.book.blocks[number].kind.symbol for number, _ in self.book.of(place)}
        symbol, group = self.book.symbols.get(tick.symbol), accounts.groups[place]
        opens = tick.symbol in held and symbol and is_open(symbol, group, tick.time // 1000)
        return not opens
