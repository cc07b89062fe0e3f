"""The trigger book: the triggers of all live orders of a shard, compared with whole batches.

A batch costs what the moved symbols cost: their lowest and highest bid and ask are compared with
the trigger levels of that symbol at once; only what may have been reached is checked quote by
quote.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from market.quotes.tick_log import Tick
from trading.book_updates import OrderUpdate
from trading.engine.arrays import SortedIntMap
from trading.engine.triggers.levels import Trigger, TriggerKind, TriggerLevels
from trading.enums import PENDING_CMDS, Cmd


class TriggerSide(IntEnum):
    """Which price of a quote a trigger compares, and from where it is reached."""

    BID_FALLS = 0
    BID_RISES = 1
    ASK_FALLS = 2
    ASK_RISES = 3
    TIME = 4


@dataclass(frozen=True, slots=True)
class TriggerHit:
    """A trigger that a quote has reached; hits are executed in the order of their quotes."""

    tick: Tick
    order: int
    kind: TriggerKind

    def __lt__(self, other: "TriggerHit") -> bool:
        return (self.tick.seq_no, self.order, self.kind) < (
            other.tick.seq_no,
            other.order,
            other.kind,
        )


SymbolTrigger = tuple[str, TriggerSide, Trigger]  # the symbol, the side and the trigger


def triggers_of(row: OrderUpdate) -> Iterator[tuple[TriggerSide, Trigger]]:
    """Yield the triggers of an order and their sides (domain rules, section 1)."""
    cmd, order = Cmd(row.cmd), row.order
    long = cmd.direction > 0
    if cmd in PENDING_CMDS:
        side = {
            Cmd.BUY_LIMIT: TriggerSide.ASK_FALLS,
            Cmd.BUY_STOP: TriggerSide.ASK_RISES,
            Cmd.SELL_LIMIT: TriggerSide.BID_RISES,
            Cmd.SELL_STOP: TriggerSide.BID_FALLS,
        }[cmd]
        yield side, Trigger(row.price, row.seen, order, TriggerKind.PENDING)
        if row.expiration:
            yield (
                TriggerSide.TIME,
                Trigger(row.expiration * 1000.0, row.seen, order, TriggerKind.EXPIRY),
            )
        return
    if row.sl:
        side = TriggerSide.BID_FALLS if long else TriggerSide.ASK_RISES
        yield side, Trigger(row.sl, row.sl_seen, order, TriggerKind.STOP_LOSS)
    if row.tp:
        side = TriggerSide.BID_RISES if long else TriggerSide.ASK_FALLS
        yield side, Trigger(row.tp, row.tp_seen, order, TriggerKind.TAKE_PROFIT)


class SymbolTriggers:
    """The triggers of one symbol, by side."""

    def __init__(self) -> None:
        self.by_side = {side: TriggerLevels() for side in TriggerSide}

    def find_reached(self, ticks: Sequence[Tick]) -> Iterator[tuple[TriggerSide, Trigger]]:
        """Yield the triggers that lie within the extremes of the quotes."""
        bids = [tick.bid for tick in ticks]
        asks = [tick.ask for tick in ticks]
        found = (
            (TriggerSide.BID_FALLS, TriggerLevels.reached_by_fall, min(bids)),
            (TriggerSide.BID_RISES, TriggerLevels.reached_by_rise, max(bids)),
            (TriggerSide.ASK_FALLS, TriggerLevels.reached_by_fall, min(asks)),
            (TriggerSide.ASK_RISES, TriggerLevels.reached_by_rise, max(asks)),
            (
                TriggerSide.TIME,
                TriggerLevels.reached_by_rise,
                float(max(tick.time for tick in ticks)),
            ),
        )
        for side, compare, price in found:
            if self.by_side[side].size:
                for trigger in compare(self.by_side[side], price):
                    yield side, trigger

    def find_hits(self, ticks: Sequence[Tick]) -> Iterator[TriggerHit]:
        """Yield, for each trigger that is reached, its first quote that does so."""
        for side, trigger in self.find_reached(ticks):
            hit = first_hit(side, trigger, ticks)
            if hit is not None:
                yield hit


def first_hit(side: TriggerSide, trigger: Trigger, ticks: Iterable[Tick]) -> TriggerHit | None:
    """Return the hit of the first quote that reaches the trigger, None where no quote does.

    Quotes up to the trigger's last sequence number are skipped.
    """
    level = trigger.level
    for tick in ticks:
        if tick.seq_no <= trigger.seen:
            continue
        match side:
            case TriggerSide.BID_FALLS:
                reached = tick.bid <= level
            case TriggerSide.BID_RISES:
                reached = tick.bid >= level
            case TriggerSide.ASK_FALLS:
                reached = tick.ask <= level
            case TriggerSide.ASK_RISES:
                reached = tick.ask >= level
            case TriggerSide.TIME:
                reached = tick.time >= level
        if reached:
            return TriggerHit(tick, trigger.order, trigger.kind)
    return None


class TriggerBook:
    """The triggers of all symbols, kept current by order updates in any order of arrival."""

    def __init__(self) -> None:
        self.by_symbol: dict[str, SymbolTriggers] = defaultdict(SymbolTriggers)
        self.revisions = SortedIntMap()
        self.logins = SortedIntMap()
        self.ended: dict[int, int] = {}  # revisions of ended orders: older updates may still come

    def is_newer(self, update: OrderUpdate) -> bool:
        """Return whether the update is newer than what the book has of the order."""
        held = self.revisions.get(update.order, self.ended.get(update.order, 0))
        return update.revision > held

    def new_triggers(self, update: OrderUpdate) -> list[SymbolTrigger]:
        """Return the triggers of the update that the book does not hold as they are."""
        if not update.live:
            return []
        by_side = self.by_symbol[update.symbol].by_side
        held = {
            (side, trigger)
            for side in TriggerSide
            for trigger in by_side[side].of_order(update.order)
        }
        return [(update.symbol, *new) for new in triggers_of(update) if new not in held]

    def triggers_from_tick(self, hit: TriggerHit, tick: Tick) -> list[SymbolTrigger]:
        """Return the trigger of the hit, to be compared with `tick` and later quotes only."""
        by_side, seen = self.by_symbol[tick.symbol].by_side, tick.seq_no - 1
        return [
            (tick.symbol, side, replace(trigger, seen=max(trigger.seen, seen)))
            for side in TriggerSide
            for trigger in by_side[side].of_order(hit.order)
            if trigger.kind is hit.kind
        ]

    def apply(self, update: OrderUpdate) -> bool:
        """Apply an order update; return False when the book holds the same or a newer revision."""
        if not self.is_newer(update):
            return False
        by_side = self.by_symbol[update.symbol].by_side
        for levels in by_side.values():
            levels.remove(update.order)
        if update.live:
            self.revisions.put(update.order, update.revision)
            self.logins.put(update.order, update.login)
            for side, trigger in triggers_of(update):
                by_side[side].add(trigger)
        else:
            self.forget(update.order)
            self.ended[update.order] = update.revision
        return True

    def forget(self, order: int) -> None:
        """Remove the order's revision and login, so that its row counts as new again."""
        self.revisions.pop(order)
        self.logins.pop(order)

    @property
    def nbytes(self) -> int:
        """Return the memory of the arrays in bytes."""
        tables = (levels for book in self.by_symbol.values() for levels in book.by_side.values())
        own = self.revisions.nbytes + self.logins.nbytes
        return own + sum(levels.nbytes for levels in tables)

    def find_hits(self, ticks: Iterable[Tick]) -> list[TriggerHit]:
        """Return what the quotes have reached, in the order in which it must be executed."""
        found: list[TriggerHit] = []
        for symbol, ticks_of_symbol in ticks_by_symbol(ticks).items():
            if symbol in self.by_symbol:
                found.extend(self.by_symbol[symbol].find_hits(ticks_of_symbol))
        return sorted(found)


def ticks_by_symbol(ticks: Iterable[Tick]) -> dict[str, list[Tick]]:
    """Return the quotes of each symbol, in their order."""
    moved: dict[str, list[Tick]] = defaultdict(list)
    for tick in ticks:
        moved[tick.symbol].append(tick)
    return moved


def find_trigger_hits(triggers: list[SymbolTrigger], ticks: Iterable[Tick]) -> list[TriggerHit]:
    """Return the first hit of each of these triggers among the quotes, sorted."""
    if not triggers:
        return []
    moved = ticks_by_symbol(ticks)
    found = (first_hit(side, trigger, moved.get(symbol, ())) for symbol, side, trigger in triggers)
    return sorted(hit for hit in found if hit is not None)
