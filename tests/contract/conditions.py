"""Scenes that set values of rows, settings and the market."""

from typing import Any

from accounts.models import Account, Group, User
from core import redis
from core.clock import now, now_ms
from core.redis_keys import QUOTES, QUOTES_VERSION
from market import catalog
from market.enums import Resolution
from market.models import Candle, LastQuote, Symbol
from market.schedules import DAYS, Schedule
from tests import factories
from tests.contract.world import World

ALICE, BOB = 100001, 100002
HOUR = 3_600


class WithValues:
    """A scene that sets columns of rows: `alices_group(fifo=True)`."""

    def __init__(self, rows: Any, **values: Any) -> None:
        self.rows, self.values = rows, values

    def __call__(self, world: World) -> None:
        self.rows.all().update(**self.values)
        catalog.clear_catalog()


def account(**values: Any) -> WithValues:
    """Return a scene that sets columns of Alice's account."""
    return WithValues(Account.objects.filter(pk=ALICE), **values)


def user(**values: Any) -> WithValues:
    """Return a scene that sets columns of Alice, the user."""
    return WithValues(User.objects.filter(pk=ALICE), **values)


def group(**values: Any) -> WithValues:
    """Return a scene that sets columns of Alice's group."""
    return WithValues(Group.objects.filter(accounts__user=ALICE), **values)


def symbol(**values: Any) -> WithValues:
    """Return a scene that sets columns of EURUSD."""
    return WithValues(Symbol.objects.filter(pk="EURUSD"), **values)


class setting:  # noqa: N801 - reads as the other scenes do
    """A scene in which the platform was started with another value."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __call__(self, world: World) -> None:
        for name, value in self.values.items():
            setattr(world.settings, name, value)


def no_quote(world: World) -> None:
    """EURUSD was never quoted."""
    factories.remove_quotes()
    LastQuote.objects.all().delete()


def a_stale_quote(world: World) -> None:
    """The last quote of EURUSD came an hour ago."""
    factories.quote("EURUSD", 1.1, 1.1001, received=now_ms() - HOUR * 1000)


def a_broken_quote(world: World) -> None:
    """Something that only our own fault can have written."""
    redis.sync_client().hset(QUOTES, "EURUSD", "?")
    redis.sync_client().delete(QUOTES_VERSION)


def a_closed_market(world: World) -> None:
    """EURUSD has no session on any day."""
    never: dict[str, Any] = dict.fromkeys(DAYS, "")
    Symbol.objects.update(schedule=Schedule.objects.create(name="never", **never))
    catalog.clear_catalog()


def two_days_of_candles(world: World) -> None:
    """Hourly ones of EURUSD, the last of them running now; `{to}` is behind it."""
    hour, prices = now() // HOUR * HOUR, {"open": 1, "high": 1.2, "low": 1, "close": 1}
    Candle.objects.bulk_create(
        Candle(symbol=world.eurusd, resolution=Resolution.HOUR, time=hour - back * HOUR, **prices)
        for back in range(48)
    )
    world.known["to"] = hour + HOUR
