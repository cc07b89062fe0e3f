"""Two symbols, a feed that publishes to the tick log, and Alice's alerts."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from alerts import services
from alerts.models import Alert
from core.money import exact_decimal
from tests import factories
from tests.alerts.small_feed import Feed


@pytest.fixture
def feed(db: None) -> Feed:
    for name in ("EURUSD", "GBPUSD"):
        factories.symbol(name)
    return Feed()


@pytest.fixture
def alert(alice: Account, feed: Feed) -> Callable[..., Alert]:
    """Creates one of Alice's alerts; crossing up 1.1 once where nothing else is said.

    One that repeats rests for a second, the distance of the feed's quotes.
    """

    def create(**fields: Any) -> Alert:
        asked = {"symbol": "EURUSD", "side": 0, "condition": 0, "repeat_mode": 0, "cooldown": 1}
        asked |= fields
        if asked["condition"] in (0, 1, 2, 3, 12):
            asked.setdefault("target_price", 1.1)
        for name, value in asked.items():
            asked[name] = exact_decimal(value) if isinstance(value, float) else value
        return services.create_alert(login=alice.login, **asked)

    return create


@pytest.fixture
def frames(alice: Account) -> Callable[[], list[list[Any]]]:
    """Alice's alert events in their order, as the stream sends them."""
    from realtime.models import AccountEvent

    def read() -> list[list[Any]]:
        rows = AccountEvent.objects.filter(login=alice.login).order_by("seq")
        return [row.event for row in rows if row.event[0] == "a"]

    return read
