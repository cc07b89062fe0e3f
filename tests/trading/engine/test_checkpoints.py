"""Checkpoints of the engine's shards: no account is ever started too late."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from trading.engine import engine_checkpoints
from trading.models import EngineCheckpoint

pytestmark = pytest.mark.django_db
LOGINS = range(60)  # of every remainder of the numbers below
NUMBERS = (1, 2, 3, 4)
BEFORE_ALL = 1_000_000


class SimulatedKill(BaseException):
    """Stands for SIGKILL."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """Die instead of the statement of that number from 0, rolling back."""
    count = 0

    def counted(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        if count > statement:
            raise SimulatedKill
        return execute(*args)

    with connection.execute_wrapper(counted):
        yield


class Accounts:
    """Each account's real progress, and engines that know nothing of each other."""

    def __init__(self) -> None:
        self.done = dict.fromkeys(LOGINS, BEFORE_ALL)
        self.running: dict[tuple[int, int], int] = {}  # shard, shards → how far it has walked

    def start(self, shard: int, shards: int) -> None:
        """Begin to lead; no account of the shard may be skipped."""
        self.running.pop((shard, shards), None)
        begin = engine_checkpoints.take_over_accounts(shard, shards, lambda: BEFORE_ALL)
        oldest = min(self.done[login] for login in LOGINS if login % shards == shard)
        assert begin.checkpoint <= oldest
        assert begin.after <= oldest
        self.running[shard, shards] = begin.checkpoint

    def process(self, shard: int, shards: int, newest: int) -> None:
        """Process up to the newest quote and write the checkpoint, in this order."""
        self.running[shard, shards] = newest
        for login in LOGINS[shard::shards]:
            self.done[login] = newest
        engine_checkpoints.save_checkpoint(shard, shards, newest)

    def check_rows(self) -> None:
        """Check that no engine of any shard count would start an account too late."""
        found = list(EngineCheckpoint.objects.all())
        for login in (login for login in LOGINS if self.done[login] > BEFORE_ALL):
            assert any(login % row.shards == row.shard for row in found)
        for shards in NUMBERS:
            for shard in range(shards):
                with transaction.atomic():
                    begin = engine_checkpoints.take_over_accounts(shard, shards, lambda: BEFORE_ALL)
                    transaction.set_rollback(True)
                assert begin.checkpoint <= min(self.done[n] for n in LOGINS[shard::shards])


def rows() -> set[tuple[int, int, int]]:
    return set(EngineCheckpoint.objects.values_list("shards", "shard", "batch"))


def write_rows(shards: int, *batches: int) -> None:
    """Write the rows of all shards."""
    for shard, batch in enumerate(batches):
        EngineCheckpoint.objects.create(shards=shards, shard=shard, batch=batch)
    assert len(batches) == shards


@pytest.mark.django_db(transaction=True)  # each statement of an engine is committed by itself
@pytest.mark.parametrize("seed", range(5))
def test_no_sequence_of_starts_runs_and_kills_skips_an_account(seed: int) -> None:
    chance, accounts, newest = Random(seed), Accounts(), BEFORE_ALL
    for _ in range(60):
        newest += chance.choice((1, 1000, engine_checkpoints.OVERLAP * 2))
        shards = chance.choice(NUMBERS)
        engine = chance.randrange(shards), shards
        if chance.random() < 0.3 and accounts.running:
            engine = chance.choice(sorted(accounts.running))
        try:
            with killed_at(chance.choice((0, 1, 2, 3, 4, 5, 99))):
                if engine in accounts.running:
                    accounts.process(*engine, newest)
                else:
                    accounts.start(*engine)
        except SimulatedKill:
            accounts.running.pop(engine, None)
        accounts.check_rows()
    last = chance.choice(NUMBERS)
    for shard in range(last):
        accounts.start(shard, last)
    for shard in range(last):
        accounts.process(shard, last, newest)
    assert rows() == {(last, shard, newest) for shard in range(last)}


@pytest.mark.parametrize(
    ("old", "new"),
    [(1, 4), (4, 1), (3, 2), (2, 3), (4, 2), (4, 6), (1, engine_checkpoints.MAX_SHARDS)],
)
def test_a_new_shard_count_takes_over_the_oldest_checkpoint(old: int, new: int) -> None:
    batches = [BEFORE_ALL + shard for shard in range(old)]
    write_rows(old, *batches)
    for shard in range(new):
        begin = engine_checkpoints.take_over_accounts(
            shard, new, lambda: pytest.fail("all of it is known")
        )
        known = [batches[login % old] for login in range(shard, old * new, new)]
        assert begin == (min(known), min(known) - engine_checkpoints.OVERLAP)
    assert {shards for shards, *_ in rows()} == {new}
    assert len(rows()) == new


def test_old_rows_stay_until_new_ones_cover_their_accounts() -> None:
    write_rows(3, 10, 20, 30)
    engine_checkpoints.take_over_accounts(0, 2, lambda: 0)
    assert rows() == {(3, 0, 10), (3, 1, 20), (3, 2, 30), (2, 0, 10)}
    engine_checkpoints.take_over_accounts(1, 2, lambda: 0)
    assert rows() == {(2, 0, 10), (2, 1, 10)}


def test_returning_to_the_old_shard_count_halfway_loses_nothing() -> None:
    write_rows(4, 50, 60, 70, 80)
    engine_checkpoints.take_over_accounts(0, 1, lambda: 0)
    assert rows() == {(1, 0, 50)}
    engine_checkpoints.save_checkpoint(0, 1, 500)
    assert engine_checkpoints.take_over_accounts(3, 4, lambda: 0).checkpoint == 500
    assert rows() == {(1, 0, 500), (4, 3, 500)}


def test_an_engine_of_the_old_shard_count_leaves_no_row_in_the_end() -> None:
    write_rows(1, 10)
    for shard in (0, 1):
        engine_checkpoints.take_over_accounts(shard, 2, lambda: 0)
    engine_checkpoints.save_checkpoint(0, 1, 40)
    for shard in (0, 1):
        engine_checkpoints.save_checkpoint(shard, 2, 50)
    assert rows() == {(2, 0, 50), (2, 1, 50)}


def test_accounts_without_a_row_start_with_their_oldest_order() -> None:
    EngineCheckpoint.objects.create(shards=2, shard=0, batch=BEFORE_ALL)
    assert engine_checkpoints.take_over_accounts(0, 1, lambda: 5) == (5, 5)
    assert (
        engine_checkpoints.take_over_accounts(0, 2, lambda: pytest.fail("it is known")).checkpoint
        == 5
    )


def test_rows_of_the_previous_release_are_taken_over_by_any_shard_count() -> None:
    for shard, batch in enumerate((30, 10)):  # it told no number: the second one may be left over
        EngineCheckpoint.objects.create(shard=shard, batch=batch)
    assert (
        engine_checkpoints.take_over_accounts(
            0, 2, lambda: pytest.fail("as that release, it knows")
        ).checkpoint
        == 10
    )
    assert len(rows()) == 3
    engine_checkpoints.take_over_accounts(1, 2, lambda: 0)
    assert rows() == {(2, 0, 10), (2, 1, 10)}


@pytest.mark.parametrize(
    ("shard", "shards"),
    [(1, 1), (-1, 2), (0, 0), (0, -1), (4, 4), (0, engine_checkpoints.MAX_SHARDS + 1)],
)
def test_an_engine_of_an_impossible_shard_does_not_start(shard: int, shards: int) -> None:
    with pytest.raises(CommandError, match="at most 256"):
        call_command("run_engine", shard=shard, shards=shards)
    assert not EngineCheckpoint.objects.exists()


def test_an_older_release_can_still_write_its_checkpoints() -> None:
    EngineCheckpoint.objects.create(shards=0, shard=1, batch=20)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trading_engineplace SET batch = 30 WHERE shard = 1")
        cursor.execute("INSERT INTO trading_engineplace (shard, batch) VALUES (2, 40)")
    assert rows() == {(0, 1, 30), (0, 2, 40)}
