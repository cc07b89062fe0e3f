"""Engines with every kind of trouble. Each returns as processed what it really carried out."""

from random import Random

from core import redis
from market.quotes import tick_log
from tests.trading.engine.brute_force.plan_player import Tape
from trading.book_updates import BOOK_STREAM
from trading.engine.engine import Engine


class Prompt:
    """An engine that processes every batch at once."""

    def __init__(self, tape: Tape, chance: Random) -> None:
        self.tape, self.chance = tape, chance
        self.engine = self._restart()

    def on_batch(self) -> None:
        self.catch_up()

    def before_request(self) -> int:
        self.catch_up()
        return self.tape.sent

    def after_change(self) -> None:
        self.engine.margin.refresh_settings()

    def finish(self) -> None:
        self.catch_up()
        self.engine.reconcile()

    def catch_up(self) -> None:
        """Process all book updates and quotes."""
        while self.engine.batch < self.tape.newest or _has_later_update(self.engine.last_update_id):
            self.engine.step()

    def _restart(self) -> Engine:
        engine = Engine()
        engine.load()
        return engine


class Late(Prompt):
    """Processes batches late and several at once; clients act while it is behind."""

    def on_batch(self) -> None:
        if self.chance.random() < 0.04:
            self.catch_up()

    def before_request(self) -> int:
        return self.tape.ends.get(self.engine.batch, 0)


class Deaf(Prompt):
    """Gets book updates after the quotes that trigger the orders, or never."""

    def on_batch(self) -> None:
        for batch in tick_log.read_batches_after(self.engine.batch):
            self.engine.process_batch(batch)

    def before_request(self) -> int:
        if self.chance.random() < 0.2:
            redis.sync_client().delete(BOOK_STREAM)
            self.engine.reconcile()
        return super().before_request()

    def after_change(self) -> None:
        super().after_change()
        self.catch_up()


class Restarted(Prompt):
    """Is restarted at any moment, with its checkpoint written or not, behind or not."""

    def on_batch(self) -> None:
        fate = self.chance.random()
        if fate < 0.85:
            self.catch_up()
        if fate > 0.97:
            if self.chance.random() < 0.5:
                self.engine.save_checkpoint()
            self.engine = self._restart()

    def finish(self) -> None:
        self.engine = self._restart()
        super().finish()


class Mixed(Prompt):
    """Has all of these troubles in turns."""

    starts = 0

    def on_batch(self) -> None:
        fate = self.chance.random()
        if fate < 0.5:
            self.catch_up()
        elif fate < 0.6:
            for batch in tick_log.read_batches_after(self.engine.batch):
                self.engine.process_batch(batch)
        elif fate > 0.995:
            self.engine.save_checkpoint()
            self.engine = self._restart()

    def _restart(self) -> Engine:
        self.starts += 1
        return super()._restart()


def _has_later_update(news_id: str) -> bool:
    """Return whether there is a book update after it."""
    return bool(redis.sync_client().xrange(BOOK_STREAM, min=f"({news_id}", count=1))
