"""Random alerts around a price, and the check that the log equals the oracle's result."""

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction

from accounts.models import Account
from alerts import services
from alerts.enums import (
    CHANNEL_CONDITIONS,
    MOVING_CONDITIONS,
    TARGET_CONDITIONS,
    AlertStatus,
    Condition,
)
from alerts.models import Alert, AlertLog
from core.money import exact_decimal
from market.quotes.tick_log import Tick
from realtime.models import AccountEvent
from tests.alerts.evaluation.alert_oracle import AlertQuote, OracleAlert, expected_firings

PERCENT = (Condition.MOVING_UP_PERCENT, Condition.MOVING_DOWN_PERCENT)
ENDS = {
    "active": AlertStatus.ACTIVE,
    "triggered": AlertStatus.TRIGGERED,
    "expired": AlertStatus.EXPIRED,
}


@dataclass
class RandomAlert:
    """An alert as written: its terms, and the last sequence number it does not evaluate."""

    alert: Alert
    asked: OracleAlert
    seen: int


def create_random_alert(
    dice: random.Random, logins: Sequence[int], symbol: str, price: Decimal, step: Decimal, end: int
) -> RandomAlert:
    """Create an alert within `step` · 50 of the price; a third end at `end`, in unix seconds."""
    condition = dice.choice(list(Condition))
    low = price + dice.randint(-50, 50) * step
    high = low + dice.randint(1, 40) * step
    move = dice.randint(1, 40) * step
    asked = OracleAlert(
        condition,
        target=low if condition in TARGET_CONDITIONS else Decimal(0),
        low=low if condition in CHANNEL_CONDITIONS else Decimal(0),
        high=high if condition in CHANNEL_CONDITIONS else Decimal(0),
        threshold=(move / price * 100).quantize(step) + step if condition in PERCENT else move,
        repeat=dice.random() < 0.6,
        end=end if dice.random() < 0.33 else 0,
        cooldown=dice.choice((1, 1, 2, 20)),
    )
    with transaction.atomic():  # no worker sees it before it has its end, which is of the quotes
        alert = services.create_alert(
            login=dice.choice(logins), symbol=symbol, side=dice.randint(0, 1), condition=condition,
            repeat_mode=int(asked.repeat), target_price=asked.target, channel_low=asked.low,
            channel_high=asked.high, cooldown=asked.cooldown,
            move_threshold=asked.threshold if condition in MOVING_CONDITIONS else 0,
        )  # fmt: skip
        Alert.objects.filter(pk=alert.pk).update(expires_at=asked.end)
    asked.reference = alert.reference_price
    return RandomAlert(alert, asked, alert.seen)


class QuoteRun:
    """All quotes of one side of a symbol, as alerts see them."""

    def __init__(self, ticks: Sequence[Tick], side: int) -> None:
        self.numbers = [tick.seq_no for tick in ticks]
        self.seen = [
            AlertQuote(exact_decimal(tick.ask if side else tick.bid), tick.time, tick.received)
            for tick in ticks
        ]

    def expected(self, created: RandomAlert) -> tuple[list[tuple[Any, ...]], AlertStatus]:
        """Return the log rows that every quote together demands, and the final status."""
        begin = bisect_right(self.numbers, created.seen)
        before = self.seen[begin - 1] if begin else None
        indexes, end = expected_firings(created.asked, before, islice(self.seen, begin, None))
        rows = []
        for index in indexes:
            place = begin + index
            previous = self.seen[place - 1].price if place else None
            price, time, _ = self.seen[place]
            rows.append((created.alert.pk, self.numbers[place], price, previous, time))
        return rows, ENDS[end]


def verify_log(crowd: Iterable[RandomAlert], ticks: dict[str, list[Tick]]) -> int:
    """Compare every log row, status and event; return how many firings there were."""
    courses = {(symbol, side): QuoteRun(ticks[symbol], side) for symbol in ticks for side in (0, 1)}
    rows, ends = [], {}
    for created in crowd:
        alert = created.alert
        found, ends[alert.pk] = courses[alert.symbol_id, alert.side].expected(created)
        rows += found
    columns = ("alert_id", "quote_number", "triggered_price", "previous_price", "quote_time")
    assert sorted(AlertLog.objects.values_list(*columns)) == sorted(rows)
    assert dict(Alert.objects.values_list("pk", "status")) == ends
    fired = {(pk, number): (price, time // 1000) for pk, number, price, _, time in rows}
    _verify_events(sorted((pk, *logged) for (pk, _), logged in fired.items()))
    return len(rows)


def _verify_events(fired: list[tuple[int, Decimal, int]]) -> None:
    """Check one event a firing, and no gap or repeat in any account's sequence."""
    logged = []
    for account in Account.objects.all():
        events = list(AccountEvent.objects.filter(login=account.login).order_by("seq"))
        assert [event.seq for event in events] == list(range(1, account.seq + 1))
        frames = [event.event for event in events if event.event[0] == "a"]
        logged += [
            (frame[1], Decimal(str(frame[-3])), frame[-2]) for frame in frames if frame[-1] == 5
        ]
    assert sorted(logged) == fired
