"""A changed shard count: every stop fills once, at the first quote that reached it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from random import Random

import pytest
from django.db import connection, transaction

from core.clock import now_ms
from market import path
from market.models import Symbol
from market.path import Batch
from tests import factories
from trading import services
from trading.engine import places
from trading.engine.runner import Engine
from trading.enums import Cmd, State
from trading.models import EnginePlace, Fill, Trade
from trading.proof import differences
from trading.rollover.run import at_rest

pytestmark = pytest.mark.django_db(transaction=True)
LOGINS = range(200_000, 200_012)  # every remainder of 2, 3 and 4
PRICES = (1.0995, 1.098, 1.097, 1.0962, 1.095, 1.094, 1.0926, 1.0915, 1.09, 1.1)
APART = 40_000  # ms between two batches: some are before the overlap of a start, some within
Clock = Callable[[int], None]


@pytest.fixture
def advance(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Number what is published from now on as that many ms later."""
    ahead = 0

    def by(ms: int) -> None:
        nonlocal ahead
        ahead += ms

    monkeypatch.setattr(factories, "now_ms", lambda: now_ms() + ahead)
    return by


@pytest.fixture
def stops(eurusd: Symbol) -> dict[int, D]:
    """One position of each login, each stop loss a little lower than the one before."""
    levels = {login: D("1.0985") - D(number) / 1500 for number, login in enumerate(LOGINS)}
    levels = {login: round(level, 5) for login, level in levels.items()}
    for login, level in levels.items():
        factories.client(login, factories.group())
        services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=10, sl=level)
    return levels


def started(shards: int, order: Random | None = None) -> list[Engine]:
    """Start engines of all shards, loaded one after the other."""
    engines = [Engine(shard, shards) for shard in range(shards)]
    if order:
        order.shuffle(engines)
    for engine in engines:
        engine.load()
    return engines


def walked(engine: Engine, until: int) -> None:
    """Process up to this batch and write the checkpoint, as a leader does."""
    for batch in list(path.after(engine.batch)):
        if batch.number <= until:
            engine.walk(batch)
    engine.save_place()


def played(advance: Clock) -> list[Batch]:
    batches = []
    for price in PRICES:
        advance(APART)
        batches.append(factories.publish(("EURUSD", price, round(price + 0.0001, 5))))
    return batches


def check(stops: dict[int, D]) -> None:
    """Check that each closed once, at the first price that reached its stop."""
    for trade in Trade.objects.filter(cmd=Cmd.BUY):
        reached = next(price for price in PRICES if D(str(price)) <= stops[trade.account_id])
        assert (trade.state, trade.close_price) == (State.CLOSED, D(str(reached)))
    assert Fill.objects.count() == 2 * len(stops)
    assert not list(differences())


def only_of(shards: int) -> bool:
    """Return whether the rows have this shard count, all at the newest quote."""
    return only_at(shards, path.newest())


def only_at(shards: int, batch: int) -> bool:
    """Return whether the rows have this shard count, all at the batch."""
    found = set(EnginePlace.objects.values_list("shards", "shard", "batch"))
    return found == {(shards, shard, batch) for shard in range(shards)}


def test_a_stop_that_the_shard_behind_has_not_seen_is_carried_out_by_a_single_engine(
    stops: dict[int, D], advance: Clock
) -> None:
    for engine in started(2):
        engine.save_place()
    advance(1000)
    factories.publish(("EURUSD", 1.09, 1.0901))
    advance(70_000)
    factories.publish(("EURUSD", 1.1, 1.1001))
    walked(started(2)[0], path.newest())  # the other shard is 71 s behind
    assert Trade.objects.filter(state=State.OPEN).count() == 6
    (engine,) = started(1)
    walked(engine, path.newest())
    closed = Trade.objects.filter(cmd=Cmd.BUY).values_list("state", "close_price")
    assert set(closed) == {(State.CLOSED, D("1.09"))}
    assert only_of(1)
    moment = path.newest() // 1000
    assert at_rest(moment, moment + 60)  # no left-over row holds the rollover back


@pytest.mark.parametrize(("old", "new"), [(1, 4), (4, 1), (3, 2), (2, 3)])
def test_what_each_old_shard_has_left_is_carried_out_by_the_new_ones(
    old: int, new: int, stops: dict[int, D], advance: Clock
) -> None:
    chance = Random(f"{old} {new}")
    engines = started(old)
    batches = played(advance)
    for engine in engines:
        walked(engine, chance.choice(batches[:-1]).number)
    for engine in started(new, chance):
        walked(engine, path.newest())
    check(stops)
    assert only_of(new)


def test_new_ones_that_die_halfway_skip_nothing_for_others(
    stops: dict[int, D], advance: Clock
) -> None:
    chance = Random("halfway")
    batches = played(advance)
    for shards in (3, 2, 4, 1, 3, 4, 2):
        for engine in started(shards, chance)[: chance.randint(1, shards)]:
            walked(engine, chance.choice(batches[:-1]).number)
    for engine in started(2):
        walked(engine, path.newest())
    check(stops)
    assert only_of(2)


def test_an_old_one_that_still_runs_beside_the_new_ones_fires_nothing_twice(
    stops: dict[int, D], advance: Clock
) -> None:
    (old,) = started(1)
    new = started(3)
    for batch in played(advance):
        for engine in (*new, old) if batch.number % 2 else (old, *new):
            walked(engine, batch.number)
    check(stops)
    old.save_place()  # its last word
    for engine in new:
        engine.save_place()
    assert only_of(3)


def test_new_ones_may_all_start_at_the_same_moment(stops: dict[int, D], advance: Clock) -> None:
    batches = played(advance)
    for engine, batch in zip(started(3), batches[1:4], strict=True):
        walked(engine, batch.number)
    for numbers in ((4,), (2, 3), (1, 4), (3,), (4,)):
        engines = [Engine(shard, shards) for shards in numbers for shard in range(shards)]
        at_once(engines, Engine.load)
        assert places.covers(EnginePlace.objects.all(), 0, 1)
    at_once(engines, lambda engine: walked(engine, path.newest()))
    check(stops)
    at_once(engines, Engine.save_place)
    engines[0].save_place()  # what one of them held when the other looked
    assert only_of(4)


def test_engines_of_two_numbers_cannot_remove_each_others_rows(db: None) -> None:
    for shard, shards in ((0, 1), (0, 2), (1, 2)):
        EnginePlace.objects.create(shard=shard, shards=shards, batch=1)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        EnginePlace.objects.select_for_update().get(shard=1, shards=2).delete()  # by the single one
        other.submit(elsewhere, lambda: places.save(0, 2, 5)).result(20)
    assert places.covers(EnginePlace.objects.all(), 0, 1)
    places.save(0, 1, 6)
    assert only_at(1, 6)


def elsewhere(work: Callable[[], object]) -> None:
    """Run the work in a thread on its own connection, which ends with it."""
    try:
        work()
    finally:
        connection.close()


def at_once(engines: list[Engine], work: Callable[[Engine], object]) -> None:
    """Run the work for all engines in threads; an error in one fails the test."""
    together = threading.Barrier(len(engines), timeout=20)

    def one(engine: Engine) -> None:
        together.wait()
        elsewhere(lambda: work(engine))

    with ThreadPoolExecutor(len(engines)) as threads:
        list(threads.map(one, engines))
