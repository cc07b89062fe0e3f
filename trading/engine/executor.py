"""Execution of trigger hits through the services, and what of them is tried again."""

import logging
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.errors import BrokerError, Unavailable
from market.errors import MarketClosed
from market.quotes.quote import Quotes
from trading import services
from trading.engine.availability import UNAVAILABLE_ERRORS
from trading.engine.triggers.closed_market import DeferredTriggers
from trading.engine.triggers.levels import TriggerKind
from trading.engine.triggers.trigger_book import TriggerHit
from trading.enums import Activation
from trading.errors import NoMoney
from trading.models import Trade

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds until a postponed pending order is tried again
STAYS_PENDING = (NoMoney, Unavailable)
ACTIVATIONS = {
    TriggerKind.STOP_LOSS: Activation.STOP_LOSS,
    TriggerKind.TAKE_PROFIT: Activation.TAKE_PROFIT,
}


class KnownOrder(NamedTuple):
    """An order as the book has it: the owner's login and the revision of the row."""

    login: int
    revision: int


class TriggerExecutor:
    """Execution of hits; `failed` holds those that must still be executed at their own quote."""

    def __init__(self) -> None:
        self.failed: dict[tuple[int, TriggerKind], TriggerHit] = {}
        self.deferred = DeferredTriggers()
        self.executed_count = 0  # hits that changed their order
        self._paused_until: dict[int, float] = {}

    def execute(self, hit: TriggerHit, known: KnownOrder, quotes: Quotes) -> Trade | None:
        """Execute a hit; return the order as it stands afterwards, None when nothing has changed.

        What fails is stored in `failed`; a hit in a closed market is deferred.

        Raises:
            One of UNAVAILABLE_ERRORS: a server does not answer; the hit is not stored.
        """
        key, login = (hit.order, hit.kind), known.login
        if self._is_waiting(hit):
            return None
        try:
            trade = self._call_service(hit, known, quotes)
        except UNAVAILABLE_ERRORS:
            raise
        except MarketClosed:
            log.info("order %s waits for the opening", hit.order)
            self.failed.pop(key, None)
            self.deferred.defer(hit, login)
            return None
        except STAYS_PENDING as error:
            log.info("order %s waits: %s", hit.order, error.code)
            return self._postpone(hit, known)
        except Exception:
            # One order that cannot be handled must not keep all the others from their stops.
            log.exception("order %s failed", hit.order)
            self.failed[key] = hit
            return None
        self.failed.pop(key, None)
        self.deferred.discard(hit)
        if trade is None:  # the book was outdated: it takes the row of the database
            return Trade.objects.filter(pk=hit.order).first()
        self.executed_count += 1
        log.info("order %s: %s at %s", hit.order, hit.kind.name.lower(), hit.tick)
        return trade

    def _is_waiting(self, hit: TriggerHit) -> bool:
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

    def _postpone(self, hit: TriggerHit, known: KnownOrder) -> Trade | None:
        """Postpone a pending order to later quotes; requeue a stop or take profit at its own."""
        if hit.kind is not TriggerKind.PENDING:
            self.failed[hit.order, hit.kind] = hit
            return None
        now = time.monotonic()
        self._paused_until = {
            order: until for order, until in self._paused_until.items() if until > now
        }
        self._paused_until[hit.order] = now + PAUSE
        return services.defer_activation(order=hit.order, **known._asdict())

    def _call_service(self, hit: TriggerHit, known: KnownOrder, quotes: Quotes) -> Trade | None:
        """Call the service for this kind of trigger; return the order, None if it was outdated."""
        arguments: Any = {"order": hit.order, "quote": hit.tick.to_quote(), "quotes": quotes}
        arguments |= known._asdict()
        match hit.kind:
            case TriggerKind.PENDING:
                try:
                    return services.activate_pending(**arguments)
                except (*STAYS_PENDING, MarketClosed):
                    raise
                except BrokerError as error:
                    return services.refuse_activation(code=error.code, **arguments)
            case TriggerKind.EXPIRY:
                return services.expire_pending(**arguments)
        return services.close_by_trigger(activation=ACTIVATIONS[hit.kind], **arguments)
