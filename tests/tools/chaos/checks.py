"""The checks after a fault, over the database and the tick log."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

from tests.tools.chaos.load import Operation, RequestLog

if TYPE_CHECKING:
    from market.quotes.tick_log import Tick
    from trading.models import Trade

CLOSED, TRIGGERED, FIRED = (3, 4), (1, 2), 1
NEVER = 2**62
FIRST = """
    SELECT login, min(seq) FROM realtime_accountevent GROUP BY login HAVING min(seq) <> 1
"""


class Finding(NamedTuple):
    """A fault that was found: `lost`, `doubled` or `wrong`."""

    kind: str
    words: str


def find_all(book: RequestLog) -> Iterator[Finding]:
    """Return everything that is wrong."""
    from trading import ledger_audit

    yield from check_requests(book.operations)
    ticks = read_tick_log()
    yield from check_quotes(book.operations, ticks)
    bounds = {o.key: o.bound for o in book.operations if o.kind == "alert"}
    for words in (
        *ledger_audit.find_differences(),
        *check_first_events(),
        *check_triggers(ticks),
        *check_alerts(ticks, bounds),
    ):
        yield Finding("wrong", words)


def check_quotes(operations: list[Operation], ticks: "dict[str, list[Tick]]") -> Iterator[Finding]:
    """Yield pushed quotes that were accepted and are not in the tick log exactly once."""
    taken = sum(o.body["accepted"] for o in operations if o.kind == "push" and o.accepted)
    found = sum(map(len, ticks.values()))
    if found != taken:
        kind = "lost" if found < taken else "doubled"
        yield Finding(kind, f"{found} quotes in the path, {taken} were taken")


def check_requests(operations: list[Operation]) -> Iterator[Finding]:
    """Yield accepted requests without effect, refused ones with one, and repeated effects."""
    from alerts.models import Alert
    from trading.models import Fill, Trade

    trades = Counter(Trade.objects.filter(parent=None).values_list("comment", flat=True))
    alerts_ = Counter(Alert.objects.values_list("indicator_name", flat=True))
    closes = Counter(Fill.objects.filter(kind="close").values_list("trade_id", flat=True))
    ended = set(Trade.objects.filter(state__in=CLOSED).values_list("pk", flat=True))
    for operation in operations:
        if operation.kind in ("open", "alert"):
            found = (trades if operation.kind == "open" else alerts_)[operation.key]
            wanted = 1 if operation.accepted else 0
            if found != wanted and (operation.ended or found > 1):
                kind = "lost" if found < wanted else "doubled"
                yield Finding(kind, f"{operation.kind} {operation.key}: {found} of {wanted} rows")
        elif operation.kind == "close" and operation.accepted:
            order = operation.body["order"]
            if order not in ended or closes[order] != 1:
                kind = "doubled" if closes[order] > 1 else "lost"
                yield Finding(kind, f"close of {order}: {closes[order]} fills")


def check_first_events() -> Iterator[str]:
    """Yield accounts whose log lacks its first event; the ledger audit checks the rest."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST)
        for login, first in cursor.fetchall():
            yield f"{login}: the log begins with event {first}"


def read_tick_log() -> "dict[str, list[Tick]]":
    """Return every published quote, by symbol."""
    from market.quotes import tick_log

    found: dict[str, list[Tick]] = defaultdict(list)
    for batch in tick_log.read_batches_after(0):
        for tick in batch.ticks:
            found[tick.symbol].append(tick)
    return found


def check_triggers(ticks: "dict[str, list[Tick]]") -> Iterator[str]:
    """Yield stops and take profits that were missed or not filled at the first quote."""
    from trading.models import Fill, Trade

    fills = {
        row.trade_id: row.quote[-1]
        for row in Fill.objects.filter(kind="close").only("trade_id", "quote")
    }
    for trade in Trade.objects.exclude(symbol=None):
        first = next((t.seq_no for t in ticks[str(trade.symbol_id)] if is_reached(trade, t)), None)
        if trade.state == 0 and first is not None:
            yield f"order {trade.pk} is open, quote {first} reached it"
        if trade.activation in TRIGGERED and fills.get(trade.pk) != first:
            yield f"order {trade.pk} closed by {fills.get(trade.pk)}, {first} was the first"


def is_reached(trade: "Trade", tick: "Tick") -> bool:
    """Return whether the quote reaches a level, if it was received after it was set."""
    long = trade.cmd == 0
    price, sl, tp = (tick.bid if long else tick.ask), float(trade.sl), float(trade.tp)
    down, up = (sl, tp) if long else (tp, sl)
    number_down, number_up = (
        (trade.sl_seen, trade.tp_seen) if long else (trade.tp_seen, trade.sl_seen)
    )
    return bool(
        (down and price <= down and tick.seq_no > number_down)
        or (up and price >= up and tick.seq_no > number_up)
    )


CREATED = """
    SELECT id, symbol, target_price::float8, repeat_mode, status, indicator_name, cooldown
    FROM alerts_alert
    WHERE condition = 12 ORDER BY id
"""


def check_alerts(ticks: "dict[str, list[Tick]]", bounds: dict[str, int]) -> Iterator[str]:
    """Yield firings without a crossing, doubled ones, and those missing after `bounds`."""
    from alerts.models import AlertLog

    logs: dict[int, list[int]] = defaultdict(list)
    rows = AlertLog.objects.order_by("quote_number").values_list("alert_id", "quote_number")
    for alert, number in rows:
        logs[alert].append(number)
    with connection.cursor() as cursor:
        cursor.execute(CREATED)
        found = cursor.fetchall()
    for alert, symbol, target, repeat, status, key, cooldown in found:
        crossings, mine = crossing_ticks(ticks[symbol], target), logs[alert]
        since = min([*mine, bounds.get(key) or NEVER])
        demanded = [tick for tick in crossings if tick.seq_no >= since]
        wanted = (
            after_cooldown(demanded, cooldown) if repeat else [tick.seq_no for tick in demanded[:1]]
        )
        if mine != wanted:
            yield f"alert {alert} fired at {mine}, wanted {wanted}"
        elif not repeat and len(mine) != (status == FIRED):
            yield f"alert {alert} has status {status} and fired {len(mine)} times"


def after_cooldown(crossings: "list[Tick]", cooldown: int) -> list[int]:
    """Return the numbers of crossings at least `cooldown` seconds after the one before."""
    found, ready = [], 0
    for tick in crossings:
        if tick.time // 1000 >= ready:
            found.append(tick.seq_no)
            ready = tick.time // 1000 + cooldown
    return found


def crossing_ticks(ticks: "list[Tick]", target: float) -> "list[Tick]":
    """Return the quotes whose bid crosses the target from the one before, either way."""
    found = []
    for before, tick in itertools.pairwise(ticks):
        if before.bid < target <= tick.bid or before.bid > target >= tick.bid:
            found.append(tick)
    return found
