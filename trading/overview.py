"""The summary of the whole book, put together from the shards' summaries for one reader.

Each shard's leader publishes its part every two seconds (`trading.engine.overview`); a part that
has expired is missing, and so are its accounts. While the shard count is changed there are parts of
both counts: those of one count are taken, or an account would count twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from core import redis
from core.clock import now_ms
from market.conversion import Converter, Side
from market.errors import OffQuotes
from market.quotes import Quotes
from trading.engine.overview import KEY
from trading.models import EnginePlace

Part = dict[str, Any]  # what one engine has published
SUMS = ("accounts", "trades", "own", "floating", "equity", "margin")


class Near(NamedTuple):
    """An account near its stop-out; `above` is what is left until it, in percent of the margin."""

    login: int
    level: float
    equity: float
    margin: float
    level_type: int
    above: float


class Holding(NamedTuple):
    """What is held of a symbol: minimal lots, floating profit, and the value of a pip up."""

    long: float
    short: float
    floating: float
    pip: float

    @property
    def net(self) -> float:
        """Return the long volume without the short one."""
        return self.long - self.short

    def plus(self, other: "Holding", rate: float = 1.0) -> "Holding":
        """Return both together; the money of `other` is converted at `rate`."""
        return Holding(
            self.long + other.long,
            self.short + other.short,
            self.floating + other.floating * rate,
            self.pip + other.pip * rate,
        )


NOTHING = Holding(0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class GroupView:
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
    symbols: dict[str, Holding] = field(default_factory=dict)
    nearest: list[Near] = field(default_factory=list)

    def add(self, part: Mapping[str, Any]) -> None:
        """Add the group's accounts of one shard."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + part[name])
        for symbol, held in part["symbols"].items():
            self.symbols[symbol] = self.symbols.get(symbol, NOTHING).plus(Holding(*held))
        self.nearest += [Near(*row) for row in part["nearest"]]
        self.nearest.sort(key=itemgetter(-1))


@dataclass(slots=True)
class Overview:
    """The book by account group id; `age` is the oldest part's in ms, None without any part."""

    groups: dict[int, GroupView] = field(default_factory=dict)
    age: int | None = None


def read(visible: Collection[int] | None = None) -> Overview:
    """Read the summary of the book, restricted to the visible groups unless None.

    Raises:
        RedisError: Redis does not answer.
    """
    shards = {0, *EnginePlace.objects.values_list("shard", flat=True)}
    found: Any = redis.client().mget([f"{KEY}{shard}" for shard in sorted(shards)])
    seen = Overview()
    for document in fullest(orjson.loads(data) for data in found if data):
        seen.age = max(seen.age or 0, now_ms() - document["time"])
        for key, part in document["groups"].items():
            if visible is None or int(key) in visible:
                view = seen.groups.setdefault(int(key), GroupView(part["currency"]))
                view.add(part)
    return seen


def fullest(parts: Iterable[Part]) -> list[Part]:
    """Return the parts of the shard count that is most complete, the newest of two."""
    found: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.get("shards", 1)].append(part)
    told = {
        shards: (len(of_one) / shards, max(part["time"] for part in of_one))
        for shards, of_one in found.items()
    }
    return found[max(told, key=told.__getitem__)] if told else []


def rates(
    currencies: Collection[str], target: str, paths: Converter, quotes: Quotes
) -> dict[str, float]:
    """Return a unit's value in `target` at mid by currency; those without a rate are left out."""
    found = {}
    for currency in currencies:
        try:
            found[currency] = float(paths.rate(currency, target, Side.MID, quotes).value)
        except OffQuotes:
            continue
    return found


def exposure(seen: Overview, worth: Mapping[str, float]) -> dict[str, Holding]:
    """Return the holdings by symbol over all groups, their money converted by `rates`.

    Money without a rate counts as nothing; volumes always count.
    """
    total: dict[str, Holding] = {}
    for view in seen.groups.values():
        for symbol, held in view.symbols.items():
            known = total.get(symbol, NOTHING)
            total[symbol] = known.plus(held, worth.get(view.currency, 0.0))
    return total
