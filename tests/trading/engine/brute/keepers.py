"""Engines with every kind of trouble. Each returns as processed what it really carried out."""

from random import Random

from core import redis
from market import path
from tests.trading.engine.brute.drive import Tape
from trading.book_updates import NEWS
from trading.engine.runner import Engine


class Prompt:
    """An engine that processes every batch at once."""

    def __init__(self, tape: Tape, chance: Random) -> None:
        self.tape, self.chance = tape, chance
        self.engine = self._anew()

    def published(self) -> None:
        self.catch_up()

    def ready(self) -> int:
        self.catch_up()
        return self.tape.sent

    def finish(self) -> None:
        self.catch_up()
        self.engine.reconcile()

    def catch_up(self) -> None:
        """Process all book updates and quotes."""
        while self.engine.batch < self.tape.newest or _unheard(self.engine.news_id):
            self.engine.step()

    def _anew(self) -> Engine:
        engine = Engine()
        engine.load()
        return engine


class Late(Prompt):
    """Processes batches late and several at once; clients act while it is behind."""

    def published(self) -> None:
        if self.chance.random() < 0.04:
            self.catch_up()

    def ready(self) -> int:
        return self.tape.ends.get(self.engine.batch, 0)


class Deaf(Prompt):
    """Gets book updates after the quotes that trigger the orders, or never."""

    def published(self) -> None:
        for batch in path.after(self.engine.batch):
            self.engine.walk(batch)

    def ready(self) -> int:
        if self.chance.random() < 0.2:
            redis.client().delete(NEWS)
            self.engine.reconcile()
        return super().ready()


class Restarted(Prompt):
    """Is restarted at any moment, with its checkpoint written or not, behind or not."""

    def published(self) -> None:
        fate = self.chance.random()
        if fate < 0.85:
            self.catch_up()
        if fate > 0.97:
            if self.chance.random() < 0.5:
                self.engine.save_place()
            self.engine = self._anew()

    def finish(self) -> None:
        self.engine = self._anew()
        super().finish()


class Mixed(Prompt):
    """Has all of these troubles in turns."""

    starts = 0

    def published(self) -> None:
        fate = self.chance.random()
        if fate < 0.5:
            self.catch_up()
        elif fate < 0.6:
            for batch in path.after(self.engine.batch):
                self.engine.walk(batch)
        elif fate > 0.995:
            self.engine.save_place()
            self.engine = self._anew()

    def _anew(self) -> Engine:
        self.starts += 1
        return super()._anew()


def _unheard(news_id: str) -> bool:
    """Return whether there is a book update after it."""
    return bool(redis.client().xrange(NEWS, min=f"({news_id}", count=1))
