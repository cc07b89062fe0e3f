"""Margin calls and stop-outs: which accounts the service is asked to check, and when again."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from accounts.models import Account
from market import catalog
from market.quotes.quote import Quotes
from market.quotes.tick_log import Tick
from market.sessions.state import is_open
from trading.book_updates import AccountUpdate, OrderUpdate
from trading.engine import order_loading
from trading.engine.risk.risk_book import RiskBook
from trading.engine.risk.scan import CheckReason, RiskScan
from trading.models import Trade
from trading.services.margin_control import decide_margin_levels
from trading.unit.portions import AccountDecision, DecidedAccount, decide_in_portions

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
                self.book.add_groups(order_loading.load_groups())
            self.book.apply_account(update)
            self._no_op_checks.pop(update.login, None)

    def ensure_loaded(self, orders: Iterable[OrderUpdate]) -> None:
        """Load the accounts and symbols of these live orders that are not in the book.

        An unknown symbol changes the book's catalog, so it is to be between two batches.
        """
        unknown: set[int] = set()
        are_symbols_known = True
        for order in orders:
            are_symbols_known &= order.symbol in self.book.symbols
            if self.book.accounts.index_of(order.login) < 0:
                unknown.add(order.login)
        if not are_symbols_known:
            catalog.clear_catalog()
            self.refresh_settings()
        for update in order_loading.load_accounts(unknown) if unknown else ():
            self.apply_account(update, wanted=True)

    def apply_order(self, update: OrderUpdate) -> None:
        """Apply an order update; a live one's account and symbol are in the book."""
        if self.book.accounts.index_of(update.login) >= 0:
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

    def check_accounts(
        self, logins: Collection[int], tick: Tick, quotes: Quotes, own_updates: set[str]
    ) -> Iterator[tuple[DecidedAccount[list[Trade]], list[Trade]]]:
        """Check the accounts' margins; yield each after its commit with the trades that changed."""
        decide = partial(decide_margin_levels, quotes=quotes, quote=tick.to_quote())
        decisions = [AccountDecision(login, (), decide) for login in logins]
        reasons = {
            login: self.scan.check_reason(self.book.accounts.index_of(login)) for login in logins
        }
        for decided in decide_in_portions(decisions, own_updates):
            self._settle_check(decided, reasons[decided.login], tick)
            yield decided, decided.result or []

    def _settle_check(
        self, decided: DecidedAccount[list[Trade]], reason: CheckReason | None, tick: Tick
    ) -> None:
        """Take over the account as it stands after a check; note whether that changed it."""
        login, updates = decided.login, self.book.accounts.updates
        index = self.book.accounts.index_of(login)
        before = updates[index]
        if decided.error is not None:
            # One account that cannot be handled must not keep all the others from their stops.
            log.error("the margin of %s failed", login, exc_info=decided.error)
        if decided.account is None:
            self.reload_account(login)
        else:
            self.apply_account(decided.account, wanted=False)
        self._no_op_checks.pop(login, None)
        if decided.result:
            self.stop_outs += 1
            orders = [trade.order for trade in decided.result]
            log.info("account %s: stop-out of %s at %s", login, orders, tick)
        elif reason and updates[index] == before:
            until = time.monotonic() + NO_OP_PAUSE
            failed = decided.error is not None
            self._no_op_checks[login] = NoOpCheck(reason, tick.received, until, failed)

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
        if tick.symbol not in held or symbol is None:
            return True
        instrument = catalog.instrument_of(group.pk, symbol)
        return not is_open(instrument, group, tick.time // 1000)
