"""Plays a plan against the platform: quotes by the feed's intake, orders by the services."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Any, Protocol

from accounts.models import Account
from core.clock import now_ms
from core.errors import BrokerError
from market.feed.intake import Intake
from market.feed.publisher import Publisher
from market.models import Symbol
from tests import factories
from tests.trading.engine.brute_force.account_types import (
    OF_ACCOUNT,
    RULES,
    TYPES,
    AccountTypes,
    PlannedChange,
    PlannedStep,
)
from tests.trading.engine.brute_force.random_plans import HOUSES
from tests.trading.engine.brute_force.stored_types import (
    FIRST,
    store_change,
    store_shifts,
    type_name,
)
from tests.trading.engine.brute_force.trigger_oracle import (
    FillRules,
    PlannedRequest,
    RawQuote,
    SymbolTerms,
)
from trading import services
from trading.models import Trade

RICH = "1000000000"  # so that no margin rule has anything to say
DAY = 86_400  # seconds until a quote is stale: more than the slowest machine lets pass


class EngineDriver(Protocol):
    """What keeps the engine running while the plan is played."""

    def on_batch(self) -> None:
        """React to a new batch in the tick log."""

    def before_request(self) -> int:
        """Return how many raw quotes are processed, before a client changes an order."""

    def after_change(self) -> None:
        """Take over changed terms, before the next batch is processed."""

    def finish(self) -> None:
        """Process everything that is left."""


class Tape:
    """The raw quotes on their way to the tick log, with each one's sequence number."""

    def __init__(self, raws: Sequence[RawQuote]) -> None:
        self.raws, self.sent = raws, 0
        self.numbers: dict[int, int] = {}  # the path's number of a quote → the raw one's
        self.ends: dict[int, int] = {}  # batch → how many raw quotes were published with it
        self._intake = Intake(Symbol.objects.all())
        self._publisher = Publisher()
        self._publisher.claim_publishing()

    @property
    def newest(self) -> int:
        """Return the number of the last batch."""
        return max(self.ends, default=0)

    def publish(self, upto: int) -> None:
        """Publish the quotes before raw number `upto` as one flush."""
        accepted = []
        for raw in range(self.sent, min(upto, len(self.raws))):
            name, bid, ask, time = self.raws[raw]
            if self._intake.accept(name, bid, ask, time, now_ms()) is None:
                accepted.append(raw)
            self.sent = raw + 1
        flush = self._publisher.prepare(self._intake.take_collected(), [], now_ms())
        if flush is None:
            return
        self._publisher.send(flush)
        numbers = [tick.seq_no for batch in flush.batches for tick in batch.ticks]
        self.numbers.update(zip(numbers, accepted, strict=True))
        for batch in flush.batches:
            self.ends[batch.number] = self.numbers[batch.ticks[-1].seq_no] + 1


@dataclass(slots=True)
class PlanClients:
    """The clients. `orders` maps each key of the plan to its order.

    `types` are the account types as they begin; `steps` are requests and changes in their order.
    """

    terms: dict[str, SymbolTerms]
    types: AccountTypes = field(default_factory=AccountTypes)
    orders: dict[int, int] = field(default_factory=dict)
    accepted: list[bool] = field(default_factory=list)
    asked: list[PlannedRequest] = field(default_factory=list)
    steps: list[PlannedStep] = field(default_factory=list)

    def act(self, op: PlannedRequest) -> None:
        """Send the operation's request, and store the answer."""
        try:
            self._call(op)
        except BrokerError:
            if op.act == "open":
                raise
            self.accepted.append(False)
        else:
            self.accepted.append(True)
        self.asked.append(op)
        self.steps.append(op)

    def change(self, change: PlannedChange) -> None:
        """Store other terms of a type, or another type of an account, as staff do."""
        store_change(change)
        self.steps.append(change)

    def _call(self, op: PlannedRequest) -> None:
        login, fields = FIRST + op.key // OF_ACCOUNT, self._fields(op)
        if op.act == "open":
            fields |= {"login": login, "cmd": op.cmd, "symbol": op.symbol, "volume": op.volume}
            made = services.open_pending if "open_price" in fields else services.open_market
            self.orders[op.key] = made(**fields).order
            return
        call: dict[str, Callable[..., Trade]] = {
            "protect": services.modify_position,
            "change": services.modify_pending,
            "cancel": services.cancel_pending,
            "close": services.close_position,
        }
        if op.act == "close" and op.volume:
            fields["volume"] = op.volume
        call[op.act](login=login, order=self.orders[op.key], **fields)

    def _fields(self, op: PlannedRequest) -> dict[str, Any]:
        digits = self.terms[op.symbol].digits
        asked = {"open_price": op.price, "sl": op.sl, "tp": op.tp}
        prices = {
            name: Decimal(points).scaleb(-digits)
            for name, points in asked.items()
            if points is not None
        }
        return prices if op.expiration is None else {**prices, "expiration": op.expiration}


def create_accounts(
    terms: dict[str, SymbolTerms], orders: int, types: AccountTypes | None = None
) -> None:
    """Create symbols, a group for each account type, and accounts in turns."""
    for name, (digits, units, inverse) in terms.items():
        metal = name.startswith("X")
        margin = "USD" if inverse or metal else name[:3]
        fields = {"contract_size": units * 100, "margin_currency": margin}
        ages = {"max_source_age": 0, "quote_timeout": DAY}  # quotes of years ago
        factories.symbol(name, digits, **ages, **fields)
    groups = [_group(HOUSES[number % RULES], number) for number in range(TYPES)]
    for number, shifts in enumerate((types or AccountTypes()).shifts):
        store_shifts(groups[number], shifts)
    for number in range(-(-orders // OF_ACCOUNT)):
        factories.client(FIRST + number, groups[number % len(groups)], RICH)


def _group(house: FillRules, number: int) -> Any:
    rule = "market" if house.market else "limit"
    slips = house.slippage
    return factories.group(
        type_name(number), gap_rule=rule, allow_sl_tp_slippage=slips, leverage=1000
    )


def play_plan(
    tape: Tape,
    desk: PlanClients,
    plan: Sequence[PlannedStep],
    driver: EngineDriver,
    size: Callable[[], int],
) -> None:
    """Publish in batches of `size` quotes, and carry out each step at its moment."""
    for at, steps in groupby(plan, key=lambda step: step.at):
        _publish(tape, at, driver, size)
        for step in steps:
            if isinstance(step, PlannedChange):
                desk.change(replace(step, walked=driver.before_request()))
                driver.after_change()
            elif step.act == "open":
                desk.act(step)
            else:
                desk.act(replace(step, walked=driver.before_request()))
    _publish(tape, len(tape.raws), driver, size)
    driver.finish()


def _publish(tape: Tape, upto: int, driver: EngineDriver, size: Callable[[], int]) -> None:
    while tape.sent < upto:
        tape.publish(min(upto, tape.sent + size()))
        driver.on_batch()


def plan_logins() -> list[int]:
    """Return the accounts of the plan."""
    return list(Account.objects.filter(pk__gte=FIRST).values_list("pk", flat=True))
