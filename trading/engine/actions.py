"""Execution of trigger hits through the services, and what of them is tried again."""

import logging
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from core.errors import BrokerError, Unavailable
from market.errors import MarketClosed
from market.quotes import Quotes
from trading import services
from trading.engine.book import Hit
from trading.engine.levels import Kind
from trading.engine.resting import Resting
from trading.enums import Activation
from trading.errors import NoMoney
from trading.models import Trade

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds until a postponed pending order is tried again
STAYS_PENDING = (NoMoney, Unavailable)
AWAY = (RedisError, OperationalError, InterfaceError)  # the engine waits and repeats the batch
ACTIVATIONS = {Kind.STOP_LOSS: Activation.STOP_LOSS, Kind.TAKE_PROFIT: Activation.TAKE_PROFIT}


class Known(NamedTuple):
    """An order as the book has it: the owner's login and the revision of the row."""

    login: int
    revision: int


class Actions:
    """Execution of hits; `failed` holds those that must still be executed at their own quote."""

    def __init__(self) -> None:
        self.failed: dict[tuple[int, Kind], Hit] = {}
        self.resting = Resting()
        self.carried = 0  # hits that changed their order
        self._paused: dict[int, float] = {}

    def carry_out(self, hit: Hit, known: Known, quotes: Quotes) -> Trade | None:
        """Execute a hit; return the order as it stands afterwards, None when nothing has changed.

        What fails is stored in `failed`; a hit in a closed market is deferred.

        Raises:
            One of UNAVAILABLE_ERRORS: a server does not answer; the hit is not stored.
        """
        key, login = (hit.order, hit.kind), known.login
        if self._waits(hit):
            return None
        try:
            trade = self._act(hit, known, quotes)
        except AWAY:
            raise
        except MarketClosed:
            log.info("order %s waits for the opening", hit.order)
            self.failed.pop(key, None)
            self.resting.put(hit, login)
            return None
        except STAYS_PENDING as error:
            log.info("order %s waits: %s", hit.order, error.code)
            return self._put_off(hit, known)
        except Exception:
            # One order that cannot be handled must not keep all the others from their stops.
            log.exception("order %s failed", hit.order)
            self.failed[key] = hit
            return None
        self.failed.pop(key, None)
        self.resting.pop(hit)
        if trade is None:  # the book was outdated: it takes the row of the database
            return Trade.objects.filter(pk=hit.order).first()
        self.carried += 1
        log.info("order %s: %s at %s", hit.order, hit.kind.name.lower(), hit.tick)
        return trade

    def _waits(self, hit: Hit) -> bool:
        """Return whether the hit is not to be tried at its quote."""
        if hit.kind is Kind.PENDING and self._paused.get(hit.order, 0.0) > time.monotonic():
            return True
        return self.resting.holds(hit)

    def owe(self, hits: Iterable[Hit]) -> None:
        """Store hits that could not even be tried; an earlier failure of the same trigger stays."""
        for hit in hits:
            self.failed.setdefault((hit.order, hit.kind), hit)

    def owed(self, hit: Hit) -> Hit:
        """Return what failed at an earlier quote, which comes first, or else the hit itself.

        A position's stop loss and take profit count together: where the other one comes first,
        the hit is requeued, in case that one changes nothing.
        """
        kinds = ACTIVATIONS if hit.kind in ACTIVATIONS else (hit.kind,)
        failed = [self.failed[hit.order, k] for k in kinds if (hit.order, k) in self.failed]
        first = min([hit, *failed])
        if first.kind is not hit.kind:
            self.owe([hit])
        return first

    def _put_off(self, hit: Hit, known: Known) -> Trade | None:
        """Postpone a pending order to later quotes; requeue a stop or take profit at its own."""
        if hit.kind is not Kind.PENDING:
            self.failed[hit.order, hit.kind] = hit
            return None
        moment = time.monotonic()
        self._paused = {order: until for order, until in self._paused.items() if until > moment}
        self._paused[hit.order] = moment + PAUSE
        return services.postpone(order=hit.order, **known._asdict())

    def _act(self, hit: Hit, known: Known, quotes: Quotes) -> Trade | None:
        """Call the service for this kind of trigger; return the order, None if it was outdated."""
        asked: Any = {"order": hit.order, "quote": hit.tick.quote(), "quotes": quotes}
        asked |= known._asdict()
        match hit.kind:
            case Kind.PENDING:
                try:
                    return services.activate(**asked)
                except (*STAYS_PENDING, MarketClosed):
                    raise
                except BrokerError as error:
                    return services.refuse_activation(code=error.code, **asked)
            case Kind.EXPIRY:
                return services.expire(**asked)
        return services.trigger(activation=ACTIVATIONS[hit.kind], **asked)
