"""Margin calls and stop-outs: which accounts the service is asked to check, and when again."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Account
from market import catalog
from market.quotes.quote import Quotes
from market.quotes.tick_log import Tick
from market.sessions.state import is_open
from trading import services
from trading.book_updates import AccountUpdate, OrderUpdate
from trading.engine import order_loading
from trading.engine.availability import UNAVAILABLE_ERRORS
from trading.engine.risk.risk_book import RiskBook
from trading.engine.risk.scan import CheckReason, RiskScan
from trading.models import Trade

log = logging.getLogger(__name__)
NO_OP_PAUSE = 1.0  # seconds until an account is checked again after a check that changed nothing


@dataclass(frozen=True, slots=True)
class NoOpCheck:
    """A check that changed nothing.

    `received` is the receipt time of its quote in ms, `until` a time of this process's
    monotonic clock.
    """

    reason: CheckReason
    received: int
    until: float
    failed: bool


class MarginMonitor:
    """The risk book of a shard, and the accounts that each quote of a batch concerns."""

    def __init__(self) -> None:
        self.book = RiskBook(catalog.current_catalog(), order_loading.load_groups())
        self.scan = RiskScan(self.book)
        self._suspects: set[int] = set()
        self._moving_symbols: dict[int, set[str]] = {}  # of the suspects, for one batch
        self._no_op_checks: dict[int, NoOpCheck] = {}
        self.stop_outs = 0  # number of stop-outs executed

    def scan_batch(self, ticks: Iterable[Tick]) -> None:
        """Find the accounts that the batch may concern, before it is processed."""
        self._suspects = set(self.scan.scan_batch(ticks))
        self._moving_symbols.clear()

    def mark_changed(self, login: int) -> None:
        """Check the account at the quotes that follow in the batch: it was changed within it."""
        index = self.book.accounts.index_of(login)
        self._suspects.add(index)
        self._moving_symbols.pop(index, None)
        self._no_op_checks.pop(login, None)

    def apply_account(self, update: AccountUpdate, *, wanted: bool) -> None:
        """Apply an account update; of an unknown account only when it is wanted."""
        if wanted or self.book.accounts.index_of(update.login) >= 0:
            if update.group not in self.book.groups:
                self.refresh_settings()
            self.book.apply_account(update)
            self._no_op_checks.pop(update.login, None)

    def ensure_loaded(self, logins: Iterable[int]) -> None:
        """Load those of these accounts that are not in the book."""
        unknown = {login for login in logins if self.book.accounts.index_of(login) < 0}
        for update in order_loading.load_accounts(unknown) if unknown else ():
            self.apply_account(update, wanted=True)

    def apply_order(self, update: OrderUpdate) -> None:
        """Apply an order update; its account is in the book unless the order has ended."""
        if self.book.accounts.index_of(update.login) < 0:
            return
        if update.symbol not in self.book.symbols:
            catalog.clear_catalog()
            self.refresh_settings()
        self.book.apply_order(update)

    def refresh_settings(self) -> None:
        """Take over what was changed of symbols and groups."""
        if self.book.apply_settings(catalog.current_catalog(), order_loading.load_groups()):
            self.scan = RiskScan(self.book)
            self.scan.revalue_all()

    def reconcile(self, updates: Iterable[AccountUpdate]) -> None:
        """Repair what lost updates or rounding have left wrong."""
        for update in updates:
            self.apply_account(update, wanted=True)
        self.book.sum_profits()
        self.scan.revalue_all()

    def due_logins(self, tick: Tick) -> list[int]:
        """Return the logins whose figures demand a check at this quote, already processed."""
        accounts = self.book.accounts
        due = []
        for index in sorted(self._suspects):
            if index not in self._moving_symbols:
                self._moving_symbols[index] = self.scan.moving_symbols(index)
            if (
                tick.symbol not in self._moving_symbols[index]
                or tick.seq_no <= accounts.data["seen"][index]
            ):
                continue
            reason = self.scan.check_reason(index)
            if reason is not None and not self._is_no_op(index, reason, tick):
                due.append(accounts.updates[index].login)
        return due

    def check_account(self, login: int, tick: Tick, quotes: Quotes) -> list[Trade]:
        """Have the service check the account's margin; return the trades that it changed."""
        index = self.book.accounts.index_of(login)
        before = self.book.accounts.updates[index]
        reason = self.scan.check_reason(index)
        failed = False
        trades: list[Trade] = []
        try:
            trades = services.enforce_margin_levels(
                login=login, quote=tick.to_quote(), quotes=quotes
            )
        except UNAVAILABLE_ERRORS:
            raise
        except Exception:
            # One account that cannot be handled must not keep all the others from their stops.
            log.exception("the margin of %s failed", login)
            failed = True
        self.reload_account(login)
        self._no_op_checks.pop(login, None)
        if trades:
            self.stop_outs += 1
            log.info("account %s: stop-out of %s at %s", login, [t.order for t in trades], tick)
        elif reason and self.book.accounts.updates[index] == before:
            self._no_op_checks[login] = NoOpCheck(
                reason, tick.received, time.monotonic() + NO_OP_PAUSE, failed
            )
        return trades

    def reload_account(self, login: int) -> None:
        """Take over the account as the database has it; its book update may come later."""
        account = Account.objects.filter(pk=login).first()
        if account is not None:
            self.apply_account(AccountUpdate.of_account(account), wanted=False)

    def _is_no_op(self, index: int, reason: CheckReason, tick: Tick) -> bool:
        """Return whether the same check just changed nothing, and this quote opens no market."""
        accounts = self.book.accounts
        last = self._no_op_checks.get(accounts.updates[index].login)
        if last is None or reason > last.reason:
            return False
        if last.failed:
            return time.monotonic() < last.until
        if tick.received >= last.received + NO_OP_PAUSE * 1000:
            return False
        held = {self.book.blocks[number].key.symbol for number, _ in self.book.positions_of(index)}
        symbol, group = self.book.symbols.get(tick.symbol), accounts.groups[index]
        opens = tick.symbol in held and symbol and is_open(symbol, group, tick.time // 1000)
        return not opens
