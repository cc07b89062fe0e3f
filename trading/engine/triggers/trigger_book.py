"""The trigger book: the triggers of all live orders of a shard, compared with whole batches.

A batch costs what the moved symbols cost: their lowest and highest bid and ask are compared with
the trigger levels of that symbol at once; only what may have been reached is checked quote by
quote. Levels are kept in the market's terms, shifted by the mark-up of the order's account: so it
costs the same whatever the groups of the accounts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from market.catalog import Catalog
from market.conversion import Converter
from market.quotes.tick_log import Tick
from market.terms.market_levels import sum_in_units
from trading.book_updates import OrderUpdate
from trading.engine.arrays import SortedIntMap
from trading.engine.risk.accounts import AccountTable
from trading.engine.triggers.account_prices import RISING, AccountPrices, in_market_terms
from trading.engine.triggers.levels import Trigger, TriggerKind, TriggerLevels, TriggerSide
from trading.enums import PENDING_CMDS, Cmd

COMPARED: dict[TriggerSide, Callable[[Tick], float]] = {
    TriggerSide.BID_FALLS: attrgetter("bid"),
    TriggerSide.BID_RISES: attrgetter("bid"),
    TriggerSide.ASK_FALLS: attrgetter("ask"),
    TriggerSide.ASK_RISES: attrgetter("ask"),
    TriggerSide.TIME: attrgetter("time"),
    TriggerSide.SUM_FALLS: lambda tick: sum_in_units(tick.bid, tick.ask),
    TriggerSide.SUM_RISES: lambda tick: sum_in_units(tick.bid, tick.ask),
}


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


def triggers_of(row: OrderUpdate) -> Iterator[Trigger]:
    """Yield the triggers of an order at the market's prices (domain rules, section 1)."""
    cmd = Cmd(row.cmd)
    long = cmd.direction > 0

    def trigger(price: float, seen: int, kind: TriggerKind, side: TriggerSide) -> Trigger:
        return Trigger(price, seen, row.order, kind, price, side)

    if cmd in PENDING_CMDS:
        side = {
            Cmd.BUY_LIMIT: TriggerSide.ASK_FALLS,
            Cmd.BUY_STOP: TriggerSide.ASK_RISES,
            Cmd.SELL_LIMIT: TriggerSide.BID_RISES,
            Cmd.SELL_STOP: TriggerSide.BID_FALLS,
        }[cmd]
        yield trigger(row.price, row.seen, TriggerKind.PENDING, side)
        if row.expiration:
            due = row.expiration * 1000.0
            yield trigger(due, row.seen, TriggerKind.EXPIRY, TriggerSide.TIME)
        return
    if row.sl:
        side = TriggerSide.BID_FALLS if long else TriggerSide.ASK_RISES
        yield trigger(row.sl, row.sl_seen, TriggerKind.STOP_LOSS, side)
    if row.tp:
        side = TriggerSide.BID_RISES if long else TriggerSide.ASK_FALLS
        yield trigger(row.tp, row.tp_seen, TriggerKind.TAKE_PROFIT, side)


class SymbolTriggers:
    """The triggers of one symbol, by side."""

    def __init__(self) -> None:
        self.by_side = {side: TriggerLevels() for side in TriggerSide}

    def find_reached(self, ticks: Sequence[Tick]) -> Iterator[tuple[TriggerSide, Trigger]]:
        """Yield the triggers that lie within the extremes of the quotes."""
        for side, levels in self.by_side.items():
            if levels.size:
                prices = map(COMPARED[side], ticks)
                reached = (
                    levels.reached_by_rise(max(prices))
                    if side in RISING
                    else levels.reached_by_fall(min(prices))
                )
                yield from ((side, trigger) for trigger in reached)

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
    level, compared, rises = trigger.level, COMPARED[side], side in RISING
    for tick in ticks:
        if tick.seq_no <= trigger.seen:
            continue
        price = compared(tick)
        reached = price >= level if rises else price <= level
        if reached:
            return TriggerHit(tick, trigger.order, trigger.kind)
    return None


class TriggerBook:
    """The triggers of all symbols, kept current by order updates in any order of arrival.

    Without `prices` all accounts see the market's.
    """

    def __init__(self, prices: AccountPrices | None = None) -> None:
        self.prices = prices or AccountPrices(AccountTable(), Catalog({}, Converter([])))
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
        held = set(self._triggers_of_order(update.symbol, update.order))
        return [(update.symbol, *new) for new in self._shifted(update) if new not in held]

    def triggers_after(self, hit: TriggerHit, seen: int) -> list[SymbolTrigger]:
        """Return the trigger of the hit, to be compared with quotes after number `seen` only."""
        return [
            (hit.tick.symbol, side, replace(trigger, seen=max(trigger.seen, seen)))
            for side, trigger in self._triggers_of_order(hit.tick.symbol, hit.order)
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
            for side, trigger in self._shifted(update):
                by_side[side].add(trigger)
        else:
            self.forget(update.order)
            self.ended[update.order] = update.revision
        return True

    def move_accounts(self, logins: Iterable[int]) -> list[SymbolTrigger]:
        """Shift the levels of accounts whose group has changed; return those that differ now."""
        orders = [order for login in logins for order in self.logins.keys_of(login)]
        symbols = list(self.by_symbol)
        return [moved for order in orders for name in symbols for moved in self._move(name, order)]

    def follow_catalog(self, catalog: Catalog) -> None:
        """Shift the levels whose mark-ups are others in this catalog."""
        for name, groups in self.prices.replace_catalog(catalog, self.by_symbol).items():
            tables = self.by_symbol[name].by_side.values()
            orders = np.unique(np.concatenate([levels.used("order") for levels in tables]))
            logins = self.logins.get_all(orders)
            for order in self.prices.orders_of_groups(orders, logins, groups):
                self._move(name, order)

    def _move(self, symbol: str, order: int) -> list[SymbolTrigger]:
        """Shift the levels of an order by its account's present terms; return what differs."""
        held = list(self._triggers_of_order(symbol, order))
        if not held:
            return []
        terms = self.prices.terms_of(self.logins.get(order), symbol)
        moved = [in_market_terms(trigger, terms) for _, trigger in held]
        by_side = self.by_symbol[symbol].by_side
        for side, _ in held:
            by_side[side].remove(order)
        for side, trigger in moved:
            by_side[side].add(trigger)
        return [(symbol, *new) for new in moved if new not in held]

    def _shifted(self, update: OrderUpdate) -> Iterator[tuple[TriggerSide, Trigger]]:
        """Yield the triggers of the update with their sides, in the market's terms."""
        terms = self.prices.terms_of(update.login, update.symbol)
        return (in_market_terms(trigger, terms) for trigger in triggers_of(update))

    def _triggers_of_order(self, symbol: str, order: int) -> Iterator[tuple[TriggerSide, Trigger]]:
        for side, levels in self.by_symbol[symbol].by_side.items():
            yield from ((side, trigger) for trigger in levels.of_order(order))

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
