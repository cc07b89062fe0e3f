"""A changed shard count: every stop fills once, at the first quote that reached it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from random import Random

import pytest
from django.db import connection, transaction

from core.clock import now_ms
from market.models import Symbol
from market.quotes import tick_log
from market.quotes.tick_log import Batch
from tests import factories
from trading import services
from trading.engine import engine_checkpoints
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import EngineCheckpoint, Fill, Trade
from trading.rollover.run import have_engines_caught_up

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


def start_shards(shards: int, order: Random | None = None) -> list[Engine]:
    """Start engines of all shards, loaded one after the other."""
    engines = [Engine(shard, shards) for shard in range(shards)]
    if order:
        order.shuffle(engines)
    for engine in engines:
        engine.load()
    return engines


def process_until(engine: Engine, until: int) -> None:
    """Process up to this batch and write the checkpoint, as a leader does."""
    for batch in list(tick_log.read_batches_after(engine.batch)):
        if batch.number <= until:
            engine.process_batch(batch)
    engine.save_checkpoint()


def publish_quotes(advance: Clock) -> list[Batch]:
    batches = []
    for price in PRICES:
        advance(APART)
        batches.append(factories.publish(("EURUSD", price, round(price + 0.0001, 5))))
    return batches


def check_stops(stops: dict[int, D]) -> None:
    """Check that each closed once, at the first price that reached its stop."""
    for trade in Trade.objects.filter(cmd=Cmd.BUY):
        reached = next(price for price in PRICES if D(str(price)) <= stops[trade.account_id])
        assert (trade.state, trade.close_price) == (State.CLOSED, D(str(reached)))
    assert Fill.objects.count() == 2 * len(stops)
    assert not list(find_differences())


def are_rows_of(shards: int) -> bool:
    """Return whether the rows have this shard count, all at the newest quote."""
    return are_rows_at(shards, tick_log.newest_batch_number())


def are_rows_at(shards: int, batch: int) -> bool:
    """Return whether the rows have this shard count, all at the batch."""
    found = set(EngineCheckpoint.objects.values_list("shards", "shard", "batch"))
    return found == {(shards, shard, batch) for shard in range(shards)}


def test_one_engine_fills_a_stop_that_a_lagging_shard_left(
    stops: dict[int, D], advance: Clock
) -> None:
    for engine in start_shards(2):
        engine.save_checkpoint()
    advance(1000)
    factories.publish(("EURUSD", 1.09, 1.0901))
    advance(70_000)
    factories.publish(("EURUSD", 1.1, 1.1001))
    process_until(
        start_shards(2)[0], tick_log.newest_batch_number()
    )  # the other shard is 71 s behind
    assert Trade.objects.filter(state=State.OPEN).count() == 6
    (engine,) = start_shards(1)
    process_until(engine, tick_log.newest_batch_number())
    closed = Trade.objects.filter(cmd=Cmd.BUY).values_list("state", "close_price")
    assert set(closed) == {(State.CLOSED, D("1.09"))}
    assert are_rows_of(1)
    moment = tick_log.newest_batch_number() // 1000
    assert have_engines_caught_up(moment, moment + 60)  # no left-over row holds the rollover back


@pytest.mark.parametrize(("old", "new"), [(1, 4), (4, 1), (3, 2), (2, 3)])
def test_new_shards_fill_the_stops_that_each_old_shard_left(
    old: int, new: int, stops: dict[int, D], advance: Clock
) -> None:
    chance = Random(f"{old} {new}")
    engines = start_shards(old)
    batches = publish_quotes(advance)
    for engine in engines:
        process_until(engine, chance.choice(batches[:-1]).number)
    for engine in start_shards(new, chance):
        process_until(engine, tick_log.newest_batch_number())
    check_stops(stops)
    assert are_rows_of(new)


def test_new_engines_that_die_halfway_cause_no_skipped_quotes(
    stops: dict[int, D], advance: Clock
) -> None:
    chance = Random("halfway")
    batches = publish_quotes(advance)
    for shards in (3, 2, 4, 1, 3, 4, 2):
        for engine in start_shards(shards, chance)[: chance.randint(1, shards)]:
            process_until(engine, chance.choice(batches[:-1]).number)
    for engine in start_shards(2):
        process_until(engine, tick_log.newest_batch_number())
    check_stops(stops)
    assert are_rows_of(2)


def test_an_old_engine_beside_the_new_ones_fills_nothing_twice(
    stops: dict[int, D], advance: Clock
) -> None:
    (old,) = start_shards(1)
    new = start_shards(3)
    for batch in publish_quotes(advance):
        for engine in (*new, old) if batch.number % 2 else (old, *new):
            process_until(engine, batch.number)
    check_stops(stops)
    old.save_checkpoint()  # its last word
    for engine in new:
        engine.save_checkpoint()
    assert are_rows_of(3)


def test_new_engines_may_all_start_at_once(stops: dict[int, D], advance: Clock) -> None:
    batches = publish_quotes(advance)
    for engine, batch in zip(start_shards(3), batches[1:4], strict=True):
        process_until(engine, batch.number)
    for numbers in ((4,), (2, 3), (1, 4), (3,), (4,)):
        engines = [Engine(shard, shards) for shards in numbers for shard in range(shards)]
        run_concurrently(engines, Engine.load)
        assert engine_checkpoints.covers_shard(EngineCheckpoint.objects.all(), 0, 1)
    run_concurrently(engines, lambda engine: process_until(engine, tick_log.newest_batch_number()))
    check_stops(stops)
    run_concurrently(engines, Engine.save_checkpoint)
    engines[0].save_checkpoint()  # what one of them held when the other looked
    assert are_rows_of(4)


def test_engines_of_two_shard_counts_keep_each_others_rows(db: None) -> None:
    for shard, shards in ((0, 1), (0, 2), (1, 2)):
        EngineCheckpoint.objects.create(shard=shard, shards=shards, batch=1)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        EngineCheckpoint.objects.select_for_update().get(shard=1, shards=2).delete()
        other.submit(run_in_thread, lambda: engine_checkpoints.save_checkpoint(0, 2, 5)).result(20)
    assert engine_checkpoints.covers_shard(EngineCheckpoint.objects.all(), 0, 1)
    engine_checkpoints.save_checkpoint(0, 1, 6)
    assert are_rows_at(1, 6)


def run_in_thread(work: Callable[[], object]) -> None:
    """Run the work in a thread on its own connection, which ends with it."""
    try:
        work()
    finally:
        connection.close()


def run_concurrently(engines: list[Engine], work: Callable[[Engine], object]) -> None:
    """Run the work for all engines in threads; an error in one fails the test."""
    together = threading.Barrier(len(engines), timeout=20)

    def one(engine: Engine) -> None:
        together.wait()
        run_in_thread(lambda: work(engine))

    with ThreadPoolExecutor(len(engines)) as threads:
        list(threads.map(one, engines))
