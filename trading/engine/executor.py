"""Execution of trigger hits through the services' decisions, and what of them is tried again.

A hit is decided about while its account is locked (`decide_run`), and what follows from it for
the engine is done after the commit (`settle`).
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from django.db import Error

from accounts.models import Group
from core.errors import UNAVAILABLE_ERRORS, BrokerError, Unavailable
from market.errors import MarketClosed
from market.quotes.quote import Quotes
from trading import services
from trading.engine.triggers.closed_market import DeferredTriggers
from trading.engine.triggers.levels import TriggerKind
from trading.engine.triggers.trigger_book import TriggerHit
from trading.enums import Activation
from trading.errors import NoMoney
from trading.models import Trade
from trading.services import triggers
from trading.unit.locked_account import LockedAccount
from trading.unit.portions import AccountDecision

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds until a postponed pending order is tried again
STAYS_PENDING = (NoMoney, Unavailable)
ACTIVATIONS = {
    TriggerKind.STOP_LOSS: Activation.STOP_LOSS,
    TriggerKind.TAKE_PROFIT: Activation.TAKE_PROFIT,
}


class Attempt(NamedTuple):
    """A hit that is to be executed: with the revision that the book has of its order.

    `queued` is the hit as it was found; `hit` the one that comes first (`earlier_failure`).
    """

    hit: TriggerHit
    login: int
    revision: int
    quotes: Quotes
    queued: TriggerHit


class Outcome(NamedTuple):
    """What was decided about an attempt: the trade, or why nothing has changed.

    Without an error the trade was changed if `executed`, else the book was outdated.
    """

    attempt: Attempt
    trade: Trade | None = None
    executed: bool = False
    error: Exception | None = None
    group: Group | None = None


class TriggerExecutor:
    """Execution of hits; `failed` holds those that must still be executed at their own quote."""

    def __init__(self) -> None:
        self.failed: dict[tuple[int, TriggerKind], TriggerHit] = {}
        self.deferred = DeferredTriggers()
        self.executed_count = 0  # hits that changed their order
        self._paused_until: dict[int, float] = {}

    def decision(self, login: int, run: Sequence[Attempt]) -> AccountDecision[list[Outcome]]:
        """Return the decision about an account's hits."""
        orders = [attempt.hit.order for attempt in run]
        return AccountDecision(login, orders, partial(self.decide_run, attempts=tuple(run)))

    def decide_run(self, locked: LockedAccount, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Decide about an account's hits in their order; return what was decided.

        It ends early where the book was outdated or a hit failed: what follows may have to wait for
        what is found out by that.
        """
        outcomes: list[Outcome] = []
        for attempt in attempts:
            outcomes.append(self._decide(locked, attempt))
            if not outcomes[-1].executed:
                break
        return outcomes

    def _decide(self, locked: LockedAccount, attempt: Attempt) -> Outcome:
        count, group = locked.changes.count, locked.account.group
        try:
            trade = self._decide_hit(locked, attempt)
        except (*UNAVAILABLE_ERRORS, Error):
            raise  # PostgreSQL refuses all that follows in this transaction
        except Exception as error:
            if locked.changes.count != count:
                raise  # something of it is among the changes already
            if isinstance(error, STAYS_PENDING) and attempt.hit.kind is TriggerKind.PENDING:
                trade = triggers.decide_deferral(
                    locked, order=attempt.hit.order, revision=attempt.revision
                )
                return Outcome(attempt, trade, error=error)
            return Outcome(attempt, error=error, group=group)
        if trade is None:  # the book was outdated: it takes the row as it stands
            return Outcome(attempt, locked.find_trade(attempt.hit.order))
        return Outcome(attempt, trade, executed=True)

    def _decide_hit(self, locked: LockedAccount, attempt: Attempt) -> Trade | None:
        """Return the order that the hit's decision has changed, None if it was outdated."""
        hit, count = attempt.hit, locked.changes.count
        known: dict[str, object] = {"order": hit.order, "quote": hit.tick.to_quote()}
        known |= {"quotes": attempt.quotes, "revision": attempt.revision}
        decide: Callable[..., Trade | None] = triggers.decide_activation
        refuse: Callable[..., Trade | None] = triggers.decide_refusal
        if hit.kind in ACTIVATIONS:
            decide = triggers.decide_trigger_close
            known["activation"] = ACTIVATIONS[hit.kind]
        elif hit.kind is TriggerKind.EXPIRY:
            decide = triggers.decide_expiry
        try:
            return decide(locked, **known)
        except (*STAYS_PENDING, MarketClosed):
            raise
        except BrokerError as error:
            if hit.kind is not TriggerKind.PENDING or locked.changes.count != count:
                raise
            return refuse(locked, code=error.code, **known)

    def outcome_of_failure(self, attempt: Attempt, error: Exception) -> Outcome:
        """Return the outcome of a hit that failed alone: nothing of its account was written."""
        trade = None
        if isinstance(error, STAYS_PENDING) and attempt.hit.kind is TriggerKind.PENDING:
            trade = services.defer_activation(
                login=attempt.login, order=attempt.hit.order, revision=attempt.revision
            )
        return Outcome(attempt, trade, error=error)

    def settle(self, outcome: Outcome) -> Trade | None:
        """Note what was decided and committed; return the order as it stands where it changed.

        What failed is stored in `failed`; a hit in a closed market is deferred.
        """
        hit, error = outcome.attempt.hit, outcome.error
        key = (hit.order, hit.kind)
        if isinstance(error, MarketClosed):
            log.info("order %s waits for the opening", hit.order)
            self.failed.pop(key, None)
            group = outcome.group or Group.objects.get(accounts=outcome.attempt.login)
            self.deferred.defer(hit, group)
        elif isinstance(error, STAYS_PENDING):
            log.info("order %s waits: %s", hit.order, error.code)
            return self._postpone(outcome)
        elif error is not None:
            # One order that cannot be handled must not keep all the others from their stops.
            log.error("order %s failed", hit.order, exc_info=error)
            self.failed[key] = hit
        else:
            self.failed.pop(key, None)
            self.deferred.discard(hit)
            if outcome.executed:
                self.executed_count += 1
                log.info("order %s: %s at %s", hit.order, hit.kind.name.lower(), hit.tick)
        return outcome.trade

    def is_waiting(self, hit: TriggerHit) -> bool:
        """Return whether the hit is not to be tried at its quote."""
        if (
            hit.kind is TriggerKind.PENDING
            and self._paused_until.get(hit.order, 0.0) > time.monotonic()
        ):
            return True
        return self.deferred.is_deferred(hit)

    def requeue(self, hits: Iterable[TriggerHit]) -> None:
        """Store hits that could not even be tried; an earlier failure of the same trigger stays."""
        for hit in hits:
            self.failed.setdefault((hit.order, hit.kind), hit)

    def earlier_failure(self, hit: TriggerHit) -> TriggerHit:
        """Return what failed at an earlier quote, which comes first, or else the hit itself.

        A position's stop loss and take profit count together: where the other one comes first,
        the hit is requeued, in case that one changes nothing.
        """
        kinds = ACTIVATIONS if hit.kind in ACTIVATIONS else (hit.kind,)
        failed = [self.failed[hit.order, k] for k in kinds if (hit.order, k) in self.failed]
        first = min([hit, *failed])
        if first.kind is not hit.kind:
            self.requeue([hit])
        return first

    def _postpone(self, outcome: Outcome) -> Trade | None:
        """Postpone a pending order to later quotes; requeue a stop or take profit at its own."""
        hit = outcome.attempt.hit
        if hit.kind is not TriggerKind.PENDING:
            self.failed[hit.order, hit.kind] = hit
            return None
        now = time.monotonic()
        self._paused_until = {
            order: until for order, until in self._paused_until.items() if until > now
        }
        self._paused_until[hit.order] = now + PAUSE
        return outcome.trade
