"""The trigger book: the triggers of all live orders of a shard, compared with whole batches.

A batch costs what the moved symbols cost: their lowest and highest bid and ask are compared with
the trigger levels of that symbol at once; only what may have been reached is checked quote by
quote.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from market.path import Tick
from trading.book_updates import Row
from trading.engine.columns import Index
from trading.engine.levels import Kind, Levels, Watch
from trading.enums import PENDING_CMDS, Cmd


class Look(IntEnum):
    """Which price of a quote a trigger compares, and from where it is reached."""

    BID_FALLS = 0
    BID_RISES = 1
    ASK_FALLS = 2
    ASK_RISES = 3
    TIME = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A trigger that a quote has reached; hits are executed in the order of their quotes."""

    tick: Tick
    order: int
    kind: Kind

    def __lt__(self, other: "Hit") -> bool:
        return (self.tick.number, self.order, self.kind) < (
            other.tick.number,
            other.order,
            other.kind,
        )


Level = tuple[str, Look, Watch]  # the symbol, the side and the trigger


def watches_of(row: Row) -> Iterator[tuple[Look, Watch]]:
    """Yield the triggers of an order and their sides (domain rules, section 1)."""
    cmd, order = Cmd(row.cmd), row.order
    long = cmd.direction > 0
    if cmd in PENDING_CMDS:
        look = {
            Cmd.BUY_LIMIT: Look.ASK_FALLS,
            Cmd.BUY_STOP: Look.ASK_RISES,
            Cmd.SELL_LIMIT: Look.BID_RISES,
            Cmd.SELL_STOP: Look.BID_FALLS,
        }[cmd]
        yield look, Watch(row.price, row.seen, order, Kind.PENDING)
        if row.expiration:
            yield Look.TIME, Watch(row.expiration * 1000.0, row.seen, order, Kind.EXPIRY)
        return
    if row.sl:
        look = Look.BID_FALLS if long else Look.ASK_RISES
        yield look, Watch(row.sl, row.sl_seen, order, Kind.STOP_LOSS)
    if row.tp:
        look = Look.BID_RISES if long else Look.ASK_FALLS
        yield look, Watch(row.tp, row.tp_seen, order, Kind.TAKE_PROFIT)


class SymbolBook:
    """The triggers of one symbol, by side."""

    def __init__(self) -> None:
        self.blocks = {look: Levels() for look in Look}

    def reached(self, ticks: Sequence[Tick]) -> Iterator[tuple[Look, Watch]]:
        """Yield the triggers that lie within the extremes of the quotes."""
        bids = [tick.bid for tick in ticks]
        asks = [tick.ask for tick in ticks]
        found = (
            (Look.BID_FALLS, Levels.at_least, min(bids)),
            (Look.BID_RISES, Levels.at_most, max(bids)),
            (Look.ASK_FALLS, Levels.at_least, min(asks)),
            (Look.ASK_RISES, Levels.at_most, max(asks)),
            (Look.TIME, Levels.at_most, float(max(tick.time for tick in ticks))),
        )
        for look, compare, price in found:
            if self.blocks[look].size:
                for watch in compare(self.blocks[look], price):
                    yield look, watch

    def hits(self, ticks: Sequence[Tick]) -> Iterator[Hit]:
        """Yield, for each trigger that is reached, its first quote that does so."""
        for look, watch in self.reached(ticks):
            hit = first_hit(look, watch, ticks)
            if hit is not None:
                yield hit


def first_hit(look: Look, watch: Watch, ticks: Iterable[Tick]) -> Hit | None:
    """Return the hit of the first quote that reaches the trigger, None where no quote does.

    Quotes up to the trigger's last sequence number are skipped.
    """
    level = watch.level
    for tick in ticks:
        if tick.number <= watch.seen:
            continue
        match look:
            case Look.BID_FALLS:
                reached = tick.bid <= level
            case Look.BID_RISES:
                reached = tick.bid >= level
            case Look.ASK_FALLS:
                reached = tick.ask <= level
            case Look.ASK_RISES:
                reached = tick.ask >= level
            case Look.TIME:
                reached = tick.time >= level
        if reached:
            return Hit(tick, watch.order, watch.kind)
    return None


class Book:
    """The triggers of all symbols, kept current by order updates in any order of arrival."""

    def __init__(self) -> None:
        self.symbols: dict[str, SymbolBook] = defaultdict(SymbolBook)
        self.revisions = Index()
        self.logins = Index()
        self.dead: dict[int, int] = {}  # revisions of ended orders: older updates may still come

    def is_news(self, row: Row) -> bool:
        """Return whether the update is newer than what the book has of the order."""
        known = self.revisions.get(row.order, self.dead.get(row.order, 0))
        return row.revision > known

    def fresh(self, row: Row) -> list[Level]:
        """Return the triggers of the update that the book does not hold as they are."""
        if not row.live:
            return []
        blocks = self.symbols[row.symbol].blocks
        held = {(look, watch) for look in Look for watch in blocks[look].of(row.order)}
        return [(row.symbol, *level) for level in watches_of(row) if level not in held]

    def again(self, hit: Hit, tick: Tick) -> list[Level]:
        """Return the trigger of the hit, to be compared with `tick` and later quotes only."""
        blocks, seen = self.symbols[tick.symbol].blocks, tick.number - 1
        return [
            (tick.symbol, look, replace(watch, seen=max(watch.seen, seen)))
            for look in Look
            for watch in blocks[look].of(hit.order)
            if watch.kind is hit.kind
        ]

    def put(self, row: Row) -> bool:
        """Apply an order update; return False when the book holds the same or a newer revision."""
        if not self.is_news(row):
            return False
        blocks = self.symbols[row.symbol].blocks
        for levels in blocks.values():
            levels.remove(row.order)
        if row.live:
            self.revisions.put(row.order, row.revision)
            self.logins.put(row.order, row.login)
            for look, watch in watches_of(row):
                blocks[look].add(watch)
        else:
            self.forget(row.order)
            self.dead[row.order] = row.revision
        return True

    def forget(self, order: int) -> None:
        """Remove the order's revision and login, so that its row counts as new again."""
        self.revisions.pop(order)
        self.logins.pop(order)

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        blocks = (levels for book in self.symbols.values() for levels in book.blocks.values())
        own = self.revisions.nbytes + self.logins.nbytes
        return own + sum(levels.nbytes for levels in blocks)

    def hits(self, ticks: Iterable[Tick]) -> list[Hit]:
        """Return what the quotes have reached, in the order in which it must be executed."""
        found: list[Hit] = []
        for symbol, of_symbol in by_symbol(ticks).items():
            if symbol in self.symbols:
                found.extend(self.symbols[symbol].hits(of_symbol))
        return sorted(found)


def by_symbol(ticks: Iterable[Tick]) -> dict[str, list[Tick]]:
    """Return the quotes of each symbol, in their order."""
    moved: dict[str, list[Tick]] = defaultdict(list)
    for tick in ticks:
        moved[tick.symbol].append(tick)
    return moved


def level_hits(levels: Iterable[Level], ticks: Iterable[Tick]) -> list[Hit]:
    """Return the first hit of each of these triggers among the quotes, sorted."""
    moved = by_symbol(ticks)
    found = (first_hit(look, watch, moved.get(symbol, ())) for symbol, look, watch in levels)
    return sorted(hit for hit in found if hit is not None)
