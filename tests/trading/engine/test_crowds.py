"""Random books in which quotes reach crowds: portions write what one account after the other does.

Each account has a twin in the other of two shards. One shard's engine works in portions, the
other's takes one hit and one account at a time; requests come to both. At the end the twins
are equal in every row but their numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import zip_longest
from random import Random
from typing import Any

import pytest
from django.db.models import Model

from accounts.enums import StopOutOrder
from accounts.models import Account, Group
from core.errors import BrokerError
from realtime.models import AccountEvent
from tests import factories
from tests.factories import D
from tests.fuzz import examples
from trading import services
from trading.engine import executor, hit_queue
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, MarginAction, Trade
from trading.unit import portions

pytestmark = pytest.mark.django_db(transaction=True)
PAIRS, QUOTES = 40, 60
PRICES = {"EURUSD": 1.1, "GBPUSD": 1.25}
NUMBERS = ("id", "order", "trade_id", "account_id", "login", "parent_id", "corrects_id")


def create_groups() -> list[Group]:
    """Groups that stop out differently, hedged at full margin or at none."""
    return [
        factories.group(
            f"crowd-{order}",
            margin_call=80,
            margin_stopout=50,
            stopout_order=order,
            negative_balance_protection=True,
        )
        for order in (StopOutOrder.LARGEST_LOSS, StopOutOrder.PARTIAL)
    ]


def create_twins(chance: Random) -> None:
    """Pairs of equal accounts with logins 2n and 2n + 1."""
    groups = create_groups()
    for number in range(PAIRS):
        deposit, group = chance.choice(("2000", "3000", "9000")), chance.choice(groups)
        for login in logins_of(number):
            factories.client(login, group, deposit=deposit)


def logins_of(number: int) -> tuple[int, int]:
    return 500_000 + 2 * number, 500_001 + 2 * number


class Requests:
    """Random requests, the same to both twins; levels are round, so that crowds share them."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.prices = dict(PRICES)

    def send(self) -> None:
        name = self.chance.choice([*self.prices])
        number, price = self.chance.randrange(PAIRS), self.prices[name]
        draw, place = self.chance.random(), self.chance.randrange(8)
        levels = [round(price + side * self.chance.choice((2, 4, 8)) / 1000, 3) for side in (-1, 1)]
        volume, cmd = self.chance.randrange(2, 20) * 10, self.chance.choice((Cmd.BUY, Cmd.SELL))
        for login in logins_of(number):
            with suppress(BrokerError):
                self._request(login, name, draw, place, levels, volume, cmd)

    def _request(
        self,
        login: int,
        name: str,
        draw: float,
        place: int,
        levels: list[float],
        volume: int,
        cmd: Cmd,
    ) -> None:
        low, high = (D(str(level)) for level in levels)
        sl, tp = (low, high) if cmd is Cmd.BUY else (high, low)
        order: dict[str, Any] = {"login": login, "symbol": name, "volume": volume}
        if draw < 0.5:
            services.open_market(**order, cmd=cmd, sl=sl if place % 2 else D(0), tp=tp)
        elif draw < 0.75:
            pending = Cmd.BUY_STOP if cmd is Cmd.BUY else Cmd.SELL_STOP
            services.open_pending(**order, cmd=pending, open_price=tp)
        else:
            live = list(Trade.objects.live().filter(account=login).order_by("order"))
            self._change(live[place % len(live)], draw, place) if live else None

    def _change(self, trade: Trade, draw: float, place: int) -> None:
        known: dict[str, Any] = {"login": trade.account_id, "order": trade.order}
        if not trade.is_position:
            services.cancel_pending(**known)
        elif draw < 0.85:
            part = trade.volume // 2 if place % 2 else None
            services.close_position(**known, volume=part)
        else:
            services.modify_position(**known, sl=D(0))


@contextmanager
def one_by_one() -> Iterator[None]:
    """Have an engine take one hit and one account at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portions, "PORTION", 1)
        patch.setattr(hit_queue, "MOST_HITS", 1)
        yield


def rows_of(login: int) -> dict[str, Any]:
    """Return every row of an account without the numbers that twins cannot share."""
    trades = Trade.objects.filter(account=login).order_by("order")
    index = {trade.order: place for place, trade in enumerate(trades)}
    events = AccountEvent.objects.filter(login=login).order_by("seq").values_list("seq", "event")
    account = Account.objects.get(pk=login)
    return {
        "account": (account.balance, account.credit, account.margin_called, account.seq),
        "trades": [plain_row(trade) for trade in trades],
        "fills": [
            (index[fill.trade_id], plain_row(fill))
            for fill in Fill.objects.filter(trade__account=login).order_by("id")
        ],
        "actions": [plain_row(one) for one in MarginAction.objects.filter(account=login)],
        "events": [(seq, plain_event(event, login, index)) for seq, event in events],
    }


def plain_row(row: Model) -> dict[str, Any]:
    found = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    for name in NUMBERS:
        found.pop(name, None)
    if isinstance(row, Trade) and has_clock_time(row.cmd, row.state):
        del found["open_time"], found["close_time"]
    if isinstance(row, MarginAction):
        if not row.quotes:  # no position is left: the time of the clock
            del found["time"]
        found["rules"] = {**found["rules"], "not_closed": {}}
    return found


def has_clock_time(cmd: int, state: int) -> bool:
    """Return whether the row has the time of the clock and not of a quote."""
    return cmd >= Cmd.BALANCE_IN or state == State.DELETED


def plain_event(event: list[Any], login: int, index: dict[int, int]) -> list[Any]:
    """Return the event with the order's place in its account and without clock times."""
    if event[0] == "o":
        times = [0, 0] if has_clock_time(event[4], event[12]) else event[8:10]
        return ["o", index[event[1]], *event[3:8], *times, *event[10:]]
    return [value for value in event if value != login][: 4 if event[0] == "n" else None]


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(examples(1)))
def test_portions_write_what_one_after_the_other_does(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "PAUSE", 0)  # the twins are not reached at the same time
    chance = Random(f"crowd {seed}")
    for name, price in PRICES.items():
        factories.symbol(name)
        factories.quote(name, price, round(price + 0.0001, 5))
    create_twins(chance)
    requests, engines = Requests(chance), [Engine(shard, 2) for shard in range(2)]
    for _ in range(4 * PAIRS):
        requests.send()
    for engine in engines:
        engine.load()
    for _ in range(QUOTES):
        ticks = []
        for _ in range(chance.randrange(1, 4)):
            name = chance.choice([*PRICES])
            price = round(requests.prices[name] + chance.choice((-3, -1, 1, 3)) / 1000, 5)
            requests.prices[name] = price
            ticks.append((name, price, round(price + 0.0001, 5)))
        factories.publish(*ticks)
        engines[0].step()
        with one_by_one():
            engines[1].step()
        for _ in range(chance.randrange(6)):
            requests.send()
    check_twins()
    kinds = set(MarginAction.objects.values_list("kind", flat=True))
    assert kinds >= {MarginAction.Kind.CALL, MarginAction.Kind.STOP_OUT}
    assert {row.activation for row in Trade.objects.all()} >= {0, 1, 2, 3, 4}


def check_twins() -> None:
    """Check that all twins are equal, the ledger is exact and no event is missing."""
    assert not list(find_differences())
    for number in range(PAIRS):
        ours, theirs = (rows_of(login) for login in logins_of(number))
        for name, found in ours.items():
            pairs = zip_longest(found, theirs[name])
            differ = [pair for pair in pairs if pair[0] != pair[1]]
            assert differ == [], f"{logins_of(number)}: {name} {differ[0]}"
        assert [seq for seq, _ in ours["events"]] == [*range(1, ours["account"][3] + 1)]
