"""The books of one shard, and the execution of what quotes reach in them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.errors import UNAVAILABLE_ERRORS
from market.quotes import tick_log
from market.quotes.tick_log import Tick
from trading.book_updates import BookUpdate, OrderUpdate
from trading.engine.executor import Attempt, Outcome, TriggerExecutor
from trading.engine.floating_frames import FloatingFrames
from trading.engine.hit_queue import HitQueue, Runs
from trading.engine.margin_monitor import MarginMonitor
from trading.engine.market_view import MarketView
from trading.engine.missed_ticks import missed_ticks
from trading.engine.triggers.trigger_book import (
    SymbolTrigger,
    TriggerBook,
    TriggerHit,
    find_trigger_hits,
)
from trading.models import Trade
from trading.unit.portions import DecidedAccount, decide_in_portions


class EngineBooks:
    """The books of the accounts with login mod `shards` = `shard`, and how far they are.

    `batch` is the last processed batch of the tick log, `horizon` the newest one at the load;
    `own_updates` are ids of book updates that are in the books already.
    """

    margin: MarginMonitor
    floating: FloatingFrames

    def __init__(self, shard: int, shards: int) -> None:
        self.shard, self.shards = shard, shards
        self.book, self.market_view, self.executor = TriggerBook(), MarketView(), TriggerExecutor()
        self.batch = self.horizon = 0
        self.own_updates: set[str] = set()

    def apply_update(self, update: BookUpdate) -> None:
        """Apply one book update: the account's figures, then its orders."""
        if update.account is not None and update.account.login % self.shards == self.shard:
            live = any(row.live for row in update.orders)
            self.margin.apply_account(update.account, wanted=live)
            self.follow_settings()
            self.floating.mark_changed(update.account.login)
        orders = update.orders
        if not all(row.volume for row in orders):  # of a release that did not send it
            found = Trade.objects.filter(pk__in=[row.order for row in orders])
            orders = [OrderUpdate.of_trade(trade) for trade in found]
        self.merge_orders(map(self._skip_processed, orders))

    def merge_orders(self, updates: Iterable[OrderUpdate]) -> None:
        """Merge changed orders; check new triggers against processed quotes that they missed."""
        newer = [row for row in updates if self._is_newer(row)]
        self.margin.ensure_loaded(row for row in newer if row.live)
        self._follow_catalog()
        triggers = [level for row in newer for level in self.book.new_triggers(row)]
        ticks = missed_ticks(triggers, self.batch)
        queue = HitQueue(find_trigger_hits(triggers, ticks), ticks)
        for row in newer:
            self._apply_order(row)
        self._execute_hits(queue, self.last_seq_no)

    def apply_loaded(self, updates: Sequence[OrderUpdate]) -> None:
        """Apply orders that no processed quote has to be compared with."""
        self.margin.ensure_loaded(updates)
        self._follow_catalog()
        for row in updates:
            self._apply_order(row)

    def follow_settings(self) -> None:
        """Shift the levels by the risk book's present terms and groups, between two batches.

        So each quote is compared once with each level, by the mark-up before or after the change;
        and what is decided at a quote is decided by the terms that its levels were shifted by.
        """
        self._follow_catalog()
        self.book.move_accounts(self.margin.book.take_regrouped())

    def _follow_catalog(self) -> None:
        catalog = self.margin.book.catalog
        if self.market_view.catalog is not catalog:
            self.book.follow_catalog(catalog)
            self.market_view.catalog = catalog
            self.floating.mark_all_changed()

    def _follow_groups(self, queue: HitQueue, tick: Tick) -> None:
        """Shift the levels of accounts that were found in another group at the tick.

        Their levels are compared with the queue's later quotes: what was found there by the old
        ones changes nothing where the new ones are not reached.
        """
        logins = self.margin.book.take_regrouped()
        if logins:
            seen = max(tick.seq_no, self.last_seq_no)
            moved = [
                (symbol, side, replace(trigger, seen=max(trigger.seen, seen)))
                for symbol, side, trigger in self.book.move_accounts(logins)
            ]
            queue.put(find_trigger_hits(moved, queue.ticks))

    def _execute_hits(self, queue: HitQueue, until: int) -> None:
        """Execute the hits up to quote `until` in their order, and what the changed orders hit."""
        while queue.has_until(until):
            try:
                self._execute_portion(queue)
            except UNAVAILABLE_ERRORS:  # processed quotes are not compared with the book again
                last = self.last_seq_no
                self.executor.requeue(hit for hit in queue.hits if hit.tick.seq_no <= last)
                raise

    def _execute_portion(self, queue: HitQueue) -> None:
        """Execute the hits of the first quote, portion by portion of their accounts."""
        runs = queue.take(self.book, self.executor, self.market_view.with_tick)
        try:
            self._take_out_waiting(runs, queue)
            decisions = [self.executor.decision(login, run) for login, run in runs.items() if run]
            for decided in decide_in_portions(decisions, self.own_updates):
                self._settle_run(decided, runs[decided.login], queue)
        finally:  # what was not executed
            queue.put(attempt.queued for run in runs.values() for attempt in run)

    def _take_out_waiting(self, runs: Runs, queue: HitQueue) -> None:
        """Take out the hits that are not to be tried; deferred ones come at their opening."""
        for run in runs.values():
            for attempt in [one for one in run if self.executor.is_waiting(one.hit)]:
                triggers = self._triggers_at_opening(attempt.hit, queue)
                queue.put(find_trigger_hits(triggers, queue.ticks))
                run.remove(attempt)

    def _settle_run(
        self, decided: DecidedAccount[list[Outcome]], run: list[Attempt], queue: HitQueue
    ) -> None:
        """Put the changed orders of an account into the books; what is settled leaves the run."""
        if decided.error is not None and len(run) > 1:  # the first alone, the others come again
            first = [self.executor.decision(decided.login, run[:1])]
            for again in decide_in_portions(first, self.own_updates):
                self._settle_run(again, run[:1], queue)
            run.pop(0)
            return
        outcomes = decided.result or []
        if decided.error is not None:
            outcomes = [self.executor.outcome_of_failure(run[0], decided.error)]
        if decided.account is None:
            self.margin.reload_account(decided.login)
        else:
            self.margin.apply_account(decided.account, wanted=False)
        self._follow_groups(queue, run[0].queued.tick)
        for outcome in outcomes:
            self._settle_hit(decided.login, outcome, queue)
            run.pop(0)
        self._apply_own_update(decided)

    def _settle_hit(self, login: int, outcome: Outcome, queue: HitQueue) -> None:
        """Put the changed order into the books, and what it hits then into the queue."""
        hit, trade = outcome.attempt.hit, self.executor.settle(outcome)
        if trade is None:
            queue.put(find_trigger_hits(self._triggers_at_opening(hit, queue), queue.ticks))
            return
        update = self._update_of(trade)
        is_news = self.book.is_newer(update)
        triggers = self.book.new_triggers(update) if is_news else []
        missed = missed_ticks(triggers, self.batch)  # before the book is changed: this may fail
        queue.put(find_trigger_hits(triggers, [*missed, *queue.ticks]))
        self._apply_order(update)
        self.margin.mark_changed(login)
        if is_news:  # a trigger that remained in an order changed elsewhere
            remained = self.book.triggers_after(hit, hit.tick.seq_no - 1)
            queue.put(find_trigger_hits(remained, [hit.tick, *queue.ticks]))
        elif not outcome.executed:  # not reached by the terms of the account's present group
            remained = self.book.triggers_after(hit, hit.tick.seq_no)
            queue.put(find_trigger_hits(remained, queue.ticks))

    def _check_margins(self, logins: list[int], tick: Tick, queue: HitQueue) -> None:
        """Have the accounts' margins checked; what was closed leaves the books."""
        view = self.market_view.with_tick(tick)
        for decided, trades in self.margin.check_accounts(logins, tick, view, self.own_updates):
            self._follow_groups(queue, tick)
            for trade in trades:
                self._apply_order(self._update_of(trade))
            self._apply_own_update(decided)

    def _apply_own_update(
        self, decided: DecidedAccount[list[Outcome]] | DecidedAccount[list[Trade]]
    ) -> None:
        """Apply the orders that the engine has changed itself; their book update is skipped.

        The account as it stands is in the books already.
        """
        if decided.book_update is not None:
            self.floating.mark_changed(decided.login)
            self.merge_orders(map(self._skip_processed, decided.book_update.orders))

    def _apply_order(self, update: OrderUpdate) -> None:
        """Apply an order update to both books, the only way into them.

        The risk book has its account and symbol (`ensure_loaded`): no server is asked between the
        two, where a failure would leave an order in one of them.
        """
        if self.book.apply(update):
            self.margin.apply_order(update)
            self.floating.mark_changed(update.login)

    def _triggers_at_opening(self, hit: TriggerHit, queue: HitQueue) -> list[SymbolTrigger]:
        """Return the trigger of a deferred hit, if its market opens within the queue's quotes."""
        opening = self.executor.deferred.opening_tick(hit, queue.ticks)
        return self.book.triggers_after(hit, opening.seq_no - 1) if opening else []

    @property
    def last_seq_no(self) -> int:
        """Return the highest sequence number of processed quotes."""
        return tick_log.last_seq_no(self.batch)

    def _is_newer(self, update: OrderUpdate) -> bool:
        return update.login % self.shards == self.shard and self.book.is_newer(update)

    def _update_of(self, trade: Trade) -> OrderUpdate:
        return self._skip_processed(OrderUpdate.of_trade(trade))

    def _skip_processed(self, update: OrderUpdate) -> OrderUpdate:
        """Let only later quotes trigger an order that waits after a refusal, never older ones."""
        if not update.waiting:
            return update
        processed = tick_log.last_seq_no(max(self.batch, self.horizon))
        return update._replace(seen=max(update.seen, processed))
