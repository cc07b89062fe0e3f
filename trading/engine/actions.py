"""Carries out one hit through the services; what stays pending is tried again later."""

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
RETRY = 1.0  # seconds until an attempt that changed nothing is made again
STAYS_PENDING = (NoMoney, MarketClosed, Unavailable)
AWAY = (RedisError, OperationalError, InterfaceError)  # the engine waits and walks again
ACTIVATIONS = {Kind.STOP_LOSS: Activation.STOP_LOSS, Kind.TAKE_PROFIT: Activation.TAKE_PROFIT}


class Actions:
    """The services, with a memory of vain attempts so that they are not made with every batch."""

    def __init__(self) -> None:
        self._not_before: dict[int, float] = {}

    def carry_out(self, hit: Hit, login: int, quotes: Quotes) -> Trade | None:
        """The changed trade; None when it was vain, is to wait, or was tried a moment ago."""
        moment = time.monotonic()
        if self._not_before.get(hit.order, 0.0) > moment:
            return None
        try:
            trade = self._act(hit, login, quotes)
        except STAYS_PENDING as error:
            log.info("order %s waits: %s", hit.order, error.code)
            trade = None
        except AWAY:
            raise
        except Exception:
            # One order that cannot be handled must not keep all the others from their stops.
            log.exception("order %s failed", hit.order)
            trade = None
        if trade is None:
            self._not_before[hit.order] = moment + RETRY
        else:
            self._not_before.pop(hit.order, None)
            log.info("order %s: %s at %s", hit.order, hit.kind.name.lower(), hit.tick)
        return trade

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
