"""Leader election: the second process stands by, and leads when the first is gone."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from core.leader import Leadership, LeadershipLost
from tests.market.feed.support import eventually

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
    assert first.attempt()
    assert first.attempt()
    first.check()
    assert not second.attempt()
    assert not second.held
    with pytest.raises(LeadershipLost):
        second.check()
    other = Leadership("another name")
    assert other.attempt()
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
    assert second.held


def test_a_leader_whose_connection_dies_learns_it_and_the_other_leads(
    pair: tuple[Leadership, Leadership],
) -> None:
    first, second = pair
    assert first.attempt()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend_of(first)])
    eventually(second.attempt)
    with pytest.raises(LeadershipLost):
        first.check()
    assert not first.held
    assert not first.attempt()


def test_waiting_ends_when_the_process_is_to_stop(pair: tuple[Leadership, Leadership]) -> None:
    first, second = pair
    assert first.attempt()
    stop = threading.Event()
    stop.set()
    assert not second.acquire(stop)
