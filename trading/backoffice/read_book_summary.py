"""The summary of the whole book, put together from the shards' summaries for one reader.

Each shard's leader publishes its part every two seconds (`trading.engine.book_summary`); a part
that has expired is missing, and so are its accounts. While the shard count is changed there are
parts of both counts: those of one count are taken, or an account would count twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from core import redis
from core.clock import now_ms
from trading.engine.book_summary import SUMMARY_KEY
from trading.models import EngineCheckpoint

ShardSummary = dict[str, Any]  # what one engine has published
SUMS = ("accounts", "trades", "own", "floating", "equity", "margin")


class NearAccount(NamedTuple):
    """An account near its stop-out; `above` is what is left until it, in percent of the margin."""

    login: int
    level: float
    equity: float
    margin: float
    level_type: int
    above: float


class SymbolHolding(NamedTuple):
    """What is held of a symbol: minimal lots, floating profit, and the value of a pip up."""

    long: float
    short: float
    floating: float
    pip: float

    @property
    def net(self) -> float:
        """Return the long volume without the short one."""
        return self.long - self.short

    def plus(self, other: "SymbolHolding", rate: float = 1.0) -> "SymbolHolding":
        """Return both together; the money of `other` is converted at `rate`."""
        return SymbolHolding(
            self.long + other.long,
            self.short + other.short,
            self.floating + other.floating * rate,
            self.pip + other.pip * rate,
        )


NO_HOLDING = SymbolHolding(0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class GroupSummary:
    """The accounts of a group that have open positions; money in the group's currency.

    `own` is balance and credit; the floating result includes commission and storage.
    """

    currency: str
    accounts: int = 0
    trades: int = 0
    own: float = 0.0
    floating: float = 0.0
    equity: float = 0.0
    margin: float = 0.0
    symbols: dict[str, SymbolHolding] = field(default_factory=dict)
    nearest: list[NearAccount] = field(default_factory=list)

    def add(self, part: ShardSummary) -> None:
        """Add the group's accounts of one shard."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + part[name])
        for symbol, held in part["symbols"].items():
            self.symbols[symbol] = self.symbols.get(symbol, NO_HOLDING).plus(SymbolHolding(*held))
        self.nearest += [NearAccount(*row) for row in part["nearest"]]
        self.nearest.sort(key=itemgetter(-1))


@dataclass(slots=True)
class BookSummary:
    """The book by account group id; `age` is the oldest part's in ms, None without any part."""

    groups: dict[int, GroupSummary] = field(default_factory=dict)
    age: int | None = None


def read_summary(visible: Collection[int] | None = None) -> BookSummary:
    """Read the summary of the book, restricted to the visible groups unless None.

    Raises:
        RedisError: Redis does not answer.
    """
    shards = {0, *EngineCheckpoint.objects.values_list("shard", flat=True)}
    found = redis.sync_client().mget([f"{SUMMARY_KEY}{shard}" for shard in sorted(shards)])
    summary = BookSummary()
    for document in most_complete_parts(orjson.loads(data) for data in found if data):
        summary.age = max(summary.age or 0, now_ms() - document["time"])
        for key, part in document["groups"].items():
            if visible is None or int(key) in visible:
                view = summary.groups.setdefault(int(key), GroupSummary(part["currency"]))
                view.add(part)
    return summary


def most_complete_parts(parts: Iterable[ShardSummary]) -> list[ShardSummary]:
    """Return the parts of the shard count that is most complete, the newest of two."""
    found: dict[int, list[ShardSummary]] = defaultdict(list)
    for part in parts:
        found[part.get("shards", 1)].append(part)
    completeness = {
        shards: (len(of_one) / shards, max(part["time"] for part in of_one))
        for shards, of_one in found.items()
    }
    return found[max(completeness, key=completeness.__getitem__)] if completeness else []
