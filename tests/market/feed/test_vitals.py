"""The feed's heartbeat."""

import pytest

from core import vitals
from market.models import Symbol
from tests.market.feed.support import eventually, feeding
from tests.market.feed.test_runner import Given

pytestmark = pytest.mark.django_db(transaction=True)


def told() -> dict[str, float]:
    return next(iter(vitals.told().get("feed", {}).values()), {})


def test_the_feed_tells_what_it_took_and_how_old_the_newest_is(eurusd: Symbol) -> None:
    source = Given()
    with feeding(source):
        source.given = [("EURUSD", 1.1, 1.1001), ("EURUSD", 1.1001, 1.1002), ("EURUSD", 1.2, 1.1)]
        eventually(lambda: told().get("accepted") == 2)
        seen = told()
    assert (seen["refused"], seen["waiting"]) == (1, 0)
    assert 0 <= seen["newest_ms"] < 60_000
