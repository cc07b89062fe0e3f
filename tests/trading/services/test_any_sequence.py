"""After any sequence of operations the ledger is exact and the events lead to the state."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.enums import HedgeMargin, HedgePrice, SessionType
from accounts.models import Account, User
from core import redis
from core.errors import BrokerError
from market import catalog
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from realtime.models import AccountEvent
from tests import factories
from tests.factories import D
from tests.fuzz import examples
from trading import services
from trading.api.portfolio import cached_figures, cached_portfolios
from trading.engine.engine import Engine
from trading.enums import MARKET_CMDS, PENDING_CMDS, Cmd, State
from trading.events import rounded_figures
from trading.ledger_audit import find_differences
from trading.models import Rollover, Trade
from trading.querysets import CLOSED_STATES
from trading.rollover import swaps
from trading.services import ledger
from trading.services.margin_control import enforce_margin_levels
from trading.valuation.account import current_figures

LOGIN = 100001
BOUNDED = settings(
    max_examples=examples(30, quick=20), stateful_step_count=15,
    deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
SYMBOLS = {"EURUSD": (D("1.10000"), D("0.00010")), "USDJPY": (D("150.000"), D("0.010"))}
# What came of the steps of all examples together, and what must have come: a test of nothing
# but refusals would prove nothing.
outcomes: Counter[str] = Counter()
DONE = {
    "post_operation", "open_market", "open_pending", "close_position", "cancel_pending",
    "modify_position",
    "correct_entry", "charge_account", "triggered", "RET_TRADE_NO_MONEY",
}  # fmt: skip
amounts = st.decimals("0.01", "4000", places=2)
names = st.sampled_from(sorted(SYMBOLS))
lots = st.integers(1, 60)
numbers = st.integers(0, 50)
levels = st.integers(2, 40)  # ten points
steps = st.integers(-60, 60)
TERMS: list[dict[str, Any]] = [
    {},
    {"bid_markup": 3, "ask_markup": 8, "leverage_cap": 50},
    {"spread": 4, "comm_base": 2, "comm_currency": "USD", "comm_minimum": 1},
    {"swap_free": True, "swap_fee": D("1.5"), "swap_grace": 1},
]
POSITION = {"state": State.OPEN, "cmd__in": MARKET_CMDS}
PENDING = {"state": State.OPEN, "cmd__in": PENDING_CMDS}


class TradingMachine(RuleBasedStateMachine):
    """One account in euros that trades two symbols; refusals are allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        redis.sync_client().flushall()
        catalog.clear_catalog()
        cached_portfolios.clear()
        self.bids = {name: bid for name, (bid, _) in SYMBOLS.items()}
        self.nights = 0

    @initialize(
        hedge=st.sampled_from(HedgeMargin),
        price=st.sampled_from(HedgePrice),
        mode=st.sampled_from(("open", "mid")),
        terms=st.sampled_from(TERMS),
    )
    def begin(
        self, hedge: HedgeMargin, price: HedgePrice, mode: str, terms: dict[str, Any]
    ) -> None:
        group = factories.group(
            "any", "EUR", hedge_margin=hedge, hedge_price=price, margin_rate_mode=mode
        )
        if terms:
            GroupTerms.objects.create(group=group, symbols="*", **terms)
        factories.client(LOGIN, group, "5000")
        self.staff = User.objects.create_user(2, "x", type=SessionType.DEALER)
        for name in SYMBOLS:
            factories.symbol(
                name, digits=5 if name == "EURUSD" else 3, comm_base=D("3.33"),
                swap_enable=True, swap_long=D("-7.3"), swap_short=D("2.1"),
            )  # fmt: skip
        self.engine = Engine()
        self.publish()
        self.engine.load()
        self.open("EURUSD", Cmd.BUY, 60, 5)
        self.open("USDJPY", Cmd.SELL, 40, 8)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        catalog.clear_catalog()

    def publish(self) -> None:
        spread = {name: spread for name, (_, spread) in SYMBOLS.items()}
        factories.publish(
            *((name, float(bid), float(bid + spread[name])) for name, bid in self.bids.items())
        )

    def count_triggered(self) -> int:
        """Return how many orders a trigger has ended or opened."""
        return Trade.objects.filter(account=LOGIN).exclude(activation=0).count()

    def some_order(self, number: int, **which: Any) -> int:
        """Return an order of the account, or an unknown one."""
        orders = Trade.objects.filter(account=LOGIN, **which).order_by("order")
        found = list(orders.values_list("order", flat=True))
        return found[number % len(found)] if found else 0

    @rule(amount=amounts, cmd=st.sampled_from((6, 7, 8, 9)))
    def move_money(self, amount: Decimal, cmd: int) -> None:
        allow_refusal(ledger.post_operation, login=LOGIN, cmd=Cmd(cmd), amount=amount)

    @rule(name=names, cmd=st.sampled_from((0, 1)), volume=lots, away=levels)
    def open(self, name: str, cmd: int, volume: int, away: int) -> None:
        sl = self.price(name, -away * Cmd(cmd).direction) if away % 2 else D(0)
        allow_refusal(services.open_market, login=LOGIN, cmd=cmd, symbol=name, volume=volume, sl=sl)

    @rule(name=names, cmd=st.sampled_from((2, 3, 4, 5)), volume=lots, away=levels)
    def place(self, name: str, cmd: int, volume: int, away: int) -> None:
        price = self.price(name, away if cmd in (Cmd.SELL_LIMIT, Cmd.BUY_STOP) else -away)
        allow_refusal(
            services.open_pending,
            login=LOGIN, cmd=cmd, symbol=name, volume=volume, open_price=price,
        )  # fmt: skip

    @precondition(lambda self: self.some_order(0, **POSITION))
    @rule(number=numbers)
    def close(self, number: int) -> None:
        allow_refusal(
            services.close_position, login=LOGIN, order=self.some_order(number, **POSITION)
        )

    @precondition(lambda self: self.some_order(0, **POSITION))
    @rule(number=numbers, volume=lots)
    def close_a_part(self, number: int, volume: int) -> None:
        trade = Trade.objects.get(pk=self.some_order(number, **POSITION))
        part = 1 + volume % trade.volume
        allow_refusal(services.close_position, login=LOGIN, order=trade.order, volume=part)

    @precondition(lambda self: self.some_order(0, **POSITION))
    @rule(number=numbers, away=levels)
    def modify(self, number: int, away: int) -> None:
        trade = Trade.objects.get(pk=self.some_order(number, **POSITION))
        tp = self.price(trade.instrument.name, away * trade.direction)
        allow_refusal(services.modify_position, login=LOGIN, order=trade.order, tp=tp)

    @precondition(lambda self: self.some_order(0, **PENDING))
    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        allow_refusal(
            services.cancel_pending, login=LOGIN, order=self.some_order(number, **PENDING)
        )

    @rule(number=numbers, amount=st.decimals("-500", "500", places=2))
    def correct(self, number: int, amount: Decimal) -> None:
        order = self.some_order(number, state__in=CLOSED_STATES)
        allow_refusal(
            services.correct_entry,
            login=LOGIN, order=order, amount=amount, reason="because", staff=self.staff,
        )  # fmt: skip

    @rule(name=names, by=steps)
    def move_market(self, name: str, by: int) -> None:
        """Move the market, and let the engine trigger what it reaches."""
        self.bids[name] = self.price(name, by)
        self.engine.reconcile()  # news are sent by commits, and here is none
        self.publish()
        before = self.count_triggered()
        self.engine.step()
        quote = LatestQuotes().get(name)
        allow_refusal(enforce_margin_levels, login=LOGIN, quotes=LatestQuotes(), quote=quote)
        outcomes["triggered"] += self.count_triggered() - before

    @precondition(lambda self: self.nights < 5 and self.some_order(0, **POSITION))
    @rule()
    def pass_a_night(self) -> None:
        day = date(2100, 1, 4) + timedelta(days=self.nights)
        night = Rollover.objects.create(night=day, moment=4_102_444_800 + self.nights * 86_400)
        allow_refusal(swaps.charge_account, login=LOGIN, night=night, quotes=LatestQuotes())
        self.nights += 1

    def price(self, name: str, points: int) -> Decimal:
        """Return the bid, moved by ten points a step."""
        return self.bids[name] + points * SYMBOLS[name][1]

    @invariant()
    def the_ledger_is_exact(self) -> None:
        assert list(find_differences()) == []

    @invariant()
    def the_events_lead_to_the_state(self) -> None:
        account = Account.objects.filter(pk=LOGIN).select_related("group").first()
        if account is None:
            return  # not begun
        live: dict[int, tuple[Any, ...]] = {}
        frame: list[Any] = []
        for event in AccountEvent.objects.filter(login=LOGIN).order_by("seq"):
            match event.event:
                case ["b", *_]:
                    frame = event.event
                case ["o", order, _, symbol, cmd, volume, price, _, opened, *_]:
                    state, tp, sl = event.event[12], event.event[10], event.event[11]
                    live.pop(order, None)
                    if state == State.OPEN:
                        live[order] = (symbol, cmd, volume, price, opened, tp, sl)
        names = ("symbol", "cmd", "volume", "open_price", "open_time", "tp", "sl")
        rows = Trade.objects.live().filter(account=LOGIN).values_list("order", *names)
        assert live == {order: tuple(row) for order, *row in rows}
        assert (D(frame[2]), D(frame[7])) == (account.balance, account.credit)

    @invariant()
    def the_figures_belong_together(self) -> None:
        account = Account.objects.filter(pk=LOGIN).select_related("group").first()
        if account is None:
            return
        figures = current_figures(account, LatestQuotes())
        assert cached_figures(account, LatestQuotes()) == figures
        floating = figures.profit + figures.storage + figures.commission
        assert figures.equity == account.balance + account.credit + floating
        assert figures.margin >= 0
        assert (figures.level is None) == (figures.margin == 0)
        assert rounded_figures(account.group, figures)["credit"] == account.credit


def allow_refusal(service: Any, **fields: Any) -> None:
    """Allow refusals, whose lack of effect the invariants check; other errors fail."""
    try:
        service(**fields)
        outcomes[service.__name__] += 1
    except BrokerError as error:
        outcomes[error.code] += 1


@pytest.mark.django_db
@pytest.mark.fuzz
def test_after_any_sequence_the_ledger_is_exact_and_the_events_lead_to_the_state() -> None:
    outcomes.clear()
    run_state_machine_as_test(TradingMachine, settings=BOUNDED)
    assert not Symbol.objects.exists()
    assert set(outcomes) >= DONE, f"never: {DONE - set(outcomes)}"
