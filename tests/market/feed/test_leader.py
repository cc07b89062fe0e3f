"""Leader election: the second process stands by, and leads when the first is gone."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from core.leader import Leadership, LeadershipLost
from tests.market.feed.feed_helpers import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Iterator[tuple[Leadership, Leadership]]:
    first, second = Leadership("test"), Leadership("test")
    yield first, second
    first.close()
    second.close()


def backend_of(leader: Leadership) -> int:
    assert leader._connection is not None
    return leader._connection.info.backend_pid


def test_only_one_holds_the_lock_and_other_names_are_free(
    pair: tuple[Leadership, Leadership],
) -> None:
    first, second = pair
    assert first.try_acquire()
    assert first.try_acquire()
    first.check()
    assert not second.try_acquire()
    assert not second.is_held
    with pytest.raises(LeadershipLost):
        second.check()
    other = Leadership("another name")
    assert other.try_acquire()
    other.close()


def test_the_second_waits_and_leads_when_the_first_gives_up(
    pair: tuple[Leadership, Leadership],
) -> None:
    first, second = pair
    stop = threading.Event()
    assert first.acquire(stop)
    thread = threading.Thread(target=second.acquire, args=[stop])
    thread.start()
    thread.join(0.7)
    assert thread.is_alive()
    first.close()
    thread.join(5)
    assert second.is_held


def test_a_leader_loses_the_lead_with_its_connection(
    pair: tuple[Leadership, Leadership],
) -> None:
    first, second = pair
    assert first.try_acquire()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend_of(first)])
    wait_until(second.try_acquire)
    with pytest.raises(LeadershipLost):
        first.check()
    assert not first.is_held
    assert not first.try_acquire()


def test_waiting_ends_when_the_process_is_to_stop(pair: tuple[Leadership, Leadership]) -> None:
    first, second = pair
    assert first.try_acquire()
    stop = threading.Event()
    stop.set()
    assert not second.acquire(stop)
