"""The feed's heartbeat."""

import pytest

from core import heartbeats
from market.models import Symbol
from tests.market.feed.feed_helpers import running_feed, wait_until
from tests.market.feed.test_runner import GivenQuotes

pytestmark = pytest.mark.django_db(transaction=True)


def heartbeat() -> dict[str, float]:
    return next(iter(heartbeats.read_heartbeats().get("feed", {}).values()), {})


def test_the_heartbeat_has_counts_and_the_age_of_the_newest_quote(eurusd: Symbol) -> None:
    source = GivenQuotes()
    with running_feed(source):
        source.given = [("EURUSD", 1.1, 1.1001), ("EURUSD", 1.1001, 1.1002), ("EURUSD", 1.2, 1.1)]
        wait_until(lambda: heartbeat().get("accepted") == 2)
        seen = heartbeat()
    assert (seen["refused"], seen["waiting"]) == (1, 0)
    assert 0 <= seen["newest_ms"] < 60_000
