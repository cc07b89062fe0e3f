"""The database's result of a played plan in the oracle's terms, and the differences."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from tests.trading.engine.brute_force.plan_oracle import OracleResult, scan_orders
from tests.trading.engine.brute_force.plan_player import PlanClients, Tape
from tests.trading.engine.brute_force.stored_types import FIRST
from tests.trading.engine.brute_force.trigger_oracle import (
    FinalState,
    OrderEvent,
    PlannedRequest,
    tradable_quotes,
)
from trading.enums import FINANCE_CMDS, State
from trading.ledger_audit import find_differences as unproven
from trading.models import Fill, Trade


class NumberedQuotes(Protocol):
    """What knows the raw number of each quote by its sequence number."""

    numbers: dict[int, int]


class Outcome:
    """The rows of a plan's accounts."""

    def __init__(self, desk: PlanClients, tape: NumberedQuotes) -> None:
        self.desk, self.tape = desk, tape
        self.keys = {order: key for key, order in desk.orders.items()}
        self.events: dict[int, list[OrderEvent]] = defaultdict(list)
        self.standing: dict[int, FinalState] = {}
        self.strangers: list[str] = []
        rows = Trade.objects.filter(account__gte=FIRST).exclude(cmd__in=FINANCE_CMDS)
        self.trades = {trade.order: trade for trade in rows.select_related("symbol")}
        for trade in self.trades.values():
            self._stand(trade)
        for fill in Fill.objects.filter(trade__in=self.trades).order_by("id"):
            self._happen(fill)

    def _stand(self, trade: Trade) -> None:
        key = self.keys.get(trade.order)
        if key is not None:
            self.standing[key] = self._standing(trade)
        elif trade.parent_id not in self.keys:
            self.strangers.append(f"nobody asked for {trade}")

    def _standing(self, trade: Trade) -> FinalState:
        match trade.state:
            case State.OPEN:
                prices = (trade.open_price, trade.sl, trade.tp)
                price, sl, tp = (self._points(trade, price) for price in prices)
                return FinalState("open", trade.cmd, trade.volume, price, sl, tp, trade.expiration)
            case State.CLOSED:
                return FinalState("closed", trade.cmd)
        if trade.close_time == trade.expiration:
            return FinalState("expired", trade.cmd, expiration=trade.expiration)
        return FinalState("cancelled", trade.cmd)

    def _happen(self, fill: Fill) -> None:
        trade = self.trades[fill.trade_id]
        key = self.keys.get(trade.parent_id or trade.order)
        if key is None:
            return
        quote = self.tape.numbers[fill.quote[4]]
        price = self._points(trade, fill.price)
        match fill.kind:
            case Fill.Kind.CLOSE:
                cents = int(trade.profit * 100)
                done = (trade.activation, trade.volume, cents)
                self.events[key].append(OrderEvent("close", quote, price, trade.close_time, *done))
                if (trade.close_price, trade.close_time) != (fill.price, fill.time):
                    self.strangers.append(f"{trade} and its close disagree")
            case Fill.Kind.OPEN:
                self.events[key].append(OrderEvent("open", quote, price, fill.time))
            case _:
                self.events[key].append(OrderEvent("activate", quote, price, fill.time))

    def _points(self, trade: Trade, price: Decimal) -> int:
        points = price.scaleb(self.desk.terms[trade.instrument.name].digits)
        assert points == int(points), f"{trade}: {price} is between two points"
        return int(points)


def expected_result(desk: PlanClients, tape: Tape) -> OracleResult:
    """Return the brute force's result for what the clients requested."""
    return scan_orders(
        desk.steps,
        tradable_quotes(tape.raws, desk.terms),
        desk.terms,
        len(tape.raws),
        desk.types,
    )


def compare_results(desk: PlanClients, tape: Tape, found: OracleResult) -> Iterator[str]:
    """Yield a line for each missing, extra or different event."""
    outcome = Outcome(desk, tape)
    yield from outcome.strangers
    ops: dict[int, list[PlannedRequest]] = defaultdict(list)
    for op, wanted, got in zip(desk.asked, found.accepted, desk.accepted, strict=True):
        ops[op.key].append(op)
        if wanted != got:
            yield f"{op}: {'accepted' if got else 'refused'}"
    for key in sorted(found.events):
        events, due = outcome.events[key], found.events[key]
        if events != due or outcome.standing[key] != found.standing[key]:
            yield f"order {desk.orders[key]}:"
            yield from (f"    {op}" for op in ops[key])
            yield f"  expected {due}, {found.standing[key]}"
            yield f"  got      {events}, {outcome.standing[key]}"
    for difference in unproven():
        yield f"ledger: {difference}"
