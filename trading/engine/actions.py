"""Carries out one hit through the services, and remembers what is to be tried again."""

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
PAUSE = 1.0  # seconds until a pending that was put off is tried again
STAYS_PENDING = (NoMoney, Unavailable)
AWAY = (RedisError, OperationalError, InterfaceError)  # the engine waits and walks again
ACTIVATIONS = {Kind.STOP_LOSS: Activation.STOP_LOSS, Kind.TAKE_PROFIT: Activation.TAKE_PROFIT}


class Known(NamedTuple):
    """What the book knows of an order."""

    login: int
    revision: int


class Actions:
    """The services; `failed` holds the hits that must still be carried out at their own quote."""

    def __init__(self) -> None:
        self.failed: dict[tuple[int, Kind], Hit] = {}
        self.resting = Resting()
        self.carried = 0  # hits that changed their order
        self._paused: dict[int, float] = {}

    def carry_out(self, hit: Hit, known: Known, quotes: Quotes) -> Trade | None:
        """The order as it stands afterwards; None when there is nothing new to know of it."""
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
        if trade is None:  # the book was old: what the database says mends it
            return Trade.objects.filter(pk=hit.order).first()
        self.carried += 1
        log.info("order %s: %s at %s", hit.order, hit.kind.name.lower(), hit.tick)
        return trade

    def _waits(self, hit: Hit) -> bool:
        """Whether nothing is to be tried at this quote."""
        if hit.kind is Kind.PENDING and self._paused.get(hit.order, 0.0) > time.monotonic():
            return True
        return self.resting.holds(hit)

    def owe(self, hits: Iterable[Hit]) -> None:
        """Remember what could not even be tried."""
        for hit in hits:
            self.failed.setdefault((hit.order, hit.kind), hit)

    def owed(self, hit: Hit) -> Hit:
        """The hit itself, or what has failed at an earlier quote: that one comes first.

        Of a position that is either of its levels; then the hit is owed as well, should it be vain.
        """
        kinds = ACTIVATIONS if hit.kind in ACTIVATIONS else (hit.kind,)
        failed = [self.failed[hit.order, k] for k in kinds if (hit.order, k) in self.failed]
        first = min([hit, *failed])
        if first.kind is not hit.kind:
            self.owe([hit])
        return first

    def _put_off(self, hit: Hit, known: Known) -> Trade | None:
        """A pending waits for the quotes to come; a stop or take profit is owed its own quote."""
        if hit.kind is not Kind.PENDING:
            self.failed[hit.order, hit.kind] = hit
            return None
        moment = time.monotonic()
        self._paused = {order: until for order, until in self._paused.items() if until > moment}
        self._paused[hit.order] = moment + PAUSE
        return services.postpone(order=hit.order, **known._asdict())

    def _act(self, hit: Hit, known: Known, quotes: Quotes) -> Trade | None:
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
