"""Engines in every kind of trouble. What each of them answers as walked is what it carried out."""

from random import Random

from core import redis
from market import path
from tests.trading.engine.brute.drive import Tape
from trading.book_updates import NEWS
from trading.engine.runner import Engine


class Prompt:
    """An engine that walks every batch as it comes."""

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
        """Until all news and quotes are taken in."""
        while self.engine.batch < self.tape.newest or _unheard(self.engine.news_id):
            self.engine.step()

    def _anew(self) -> Engine:
        engine = Engine()
        engine.load()
        return engine


class Late(Prompt):
    """Batches pile up and come at once; clients act while the engine is behind."""

    def published(self) -> None:
        if self.chance.random() < 0.04:
            self.catch_up()

    def ready(self) -> int:
        return self.tape.ends.get(self.engine.batch, 0)


class Deaf(Prompt):
    """The news of orders comes after the quotes that trigger them, or never."""

    def published(self) -> None:
        for batch in path.after(self.engine.batch):
            self.engine.walk(batch)

    def ready(self) -> int:
        if self.chance.random() < 0.2:
            redis.client().delete(NEWS)
            self.engine.reconcile()
        return super().ready()


class Restarted(Prompt):
    """Dropped at any moment, with its place written or not, behind the path or not."""

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
    """All of it in turns."""

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
    """Whether there is news after it."""
    return bool(redis.client().xrange(NEWS, min=f"({news_id}", count=1))
