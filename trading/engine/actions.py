"""Carries out one hit through the services, and remembers what is to be tried again."""

import logging
import time

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from core.errors import BrokerError, Unavailable
from market.errors import MarketClosed
from market.quotes import Quotes
from trading import services
from trading.engine.book import Hit
from trading.engine.levels import Kind
from trading.enums import Activation
from trading.errors import NoMoney
from trading.models import Trade

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds until a pending that was put off is tried again
STAYS_PENDING = (NoMoney, MarketClosed, Unavailable)
AWAY = (RedisError, OperationalError, InterfaceError)  # the engine waits and walks again
ACTIVATIONS = {Kind.STOP_LOSS: Activation.STOP_LOSS, Kind.TAKE_PROFIT: Activation.TAKE_PROFIT}


class Actions:
    """The services; `failed` holds the hits that must still be carried out at their own quote."""

    def __init__(self) -> None:
        self.failed: dict[tuple[int, Kind], Hit] = {}
        self._paused: dict[int, float] = {}

    def carry_out(self, hit: Hit, login: int, quotes: Quotes) -> Trade | None:
        """The order as it stands afterwards; None when there is nothing new to know of it."""
        key = (hit.order, hit.kind)
        if hit.kind is Kind.PENDING and self._paused.get(hit.order, 0.0) > time.monotonic():
            return None
        try:
            trade = self._act(hit, login, quotes)
        except AWAY:
            raise
        except STAYS_PENDING as error:
            log.info("order %s waits: %s", hit.order, error.code)
            return self._put_off(hit, login)
        except Exception:
            # One order that cannot be handled must not keep all the others from their stops.
            log.exception("order %s failed", hit.order)
            self.failed[key] = hit
            return None
        self.failed.pop(key, None)
        if trade is None:  # the book was old: what the database says mends it
            return Trade.objects.filter(pk=hit.order).first()
        log.info("order %s: %s at %s", hit.order, hit.kind.name.lower(), hit.tick)
        return trade

    def _put_off(self, hit: Hit, login: int) -> Trade | None:
        """A pending waits for the quotes to come; a stop or take profit is owed its own quote."""
        if hit.kind is not Kind.PENDING:
            self.failed[hit.order, hit.kind] = hit
            return None
        moment = time.monotonic()
        self._paused = {order: until for order, until in self._paused.items() if until > moment}
        self._paused[hit.order] = moment + PAUSE
        return services.postpone(login=login, order=hit.order)

    def _act(self, hit: Hit, login: int, quotes: Quotes) -> Trade | None:
        quote, order = hit.tick.quote(), hit.order
        match hit.kind:
            case Kind.PENDING:
                try:
                    return services.activate(login=login, order=order, quote=quote, quotes=quotes)
                except STAYS_PENDING:
                    raise
                except BrokerError as error:
                    return services.refuse_activation(
                        login=login, order=order, code=error.code, quote=quote, quotes=quotes
                    )
            case Kind.EXPIRY:
                return services.expire(login=login, order=order, quote=quote, quotes=quotes)
        return services.trigger(
            login=login,
            order=order,
            activation=ACTIVATIONS[hit.kind],
            quote=quote,
            quotes=quotes,
        )
