"""Requests while a market is closed, and the quotes used once it opens."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from core.clock import now, now_ms
from market.models import Symbol
from market.schedules import GroupSchedule
from tests import factories
from tests.conftest import Signed, error_of
from tests.factories import D
from tests.market.sessions.short_schedules import (
    closed_schedule,
    daily_schedule,
    minute_from_now,
    zone_past_noon,
)
from trading.enums import Cmd, State
from trading.models import Trade
from trading.services import ledger

BUY = {"cmd": 0, "symbol": "EURUSD", "volume": 100, "sl": 0, "tp": 0}
LIMIT = {**BUY, "cmd": 2, "open_price": 1.09}
CLOSED = (423, "RET_TRADE_MARKET_CLOSED")
OFF_QUOTES = (503, "RET_TRADE_OFFQUOTES")


@pytest.fixture
def client(signed_in: Signed, alice: Account, eurusd: Symbol) -> Any:
    return signed_in(alice)


@pytest.fixture
def orders(client: Any) -> tuple[int, int]:
    """A position and a pending from before the closing."""
    placed = client.post("/trade/open", BUY), client.post("/trade/open/pending", LIMIT)
    position, pending = (answer.json()["order"] for answer in placed)
    return position, pending


def set_session(symbol: Symbol, opens: int, closes: int) -> None:
    """Let the symbol trade between these minutes relative to now."""
    text = f"{minute_from_now(opens)}-{minute_from_now(closes)}"
    symbol.schedule = daily_schedule(f"now {text}", text, zone_past_noon())
    symbol.save()


def send_open_market_requests(client: Any, position: int, pending: int) -> Iterator[Any]:
    """Yield the answer to each request that needs an open market."""
    yield client.post("/trade/open", BUY)
    yield client.post("/trade/open/pending", LIMIT)
    yield client.put("/trade/modify", {"order": position, "sl": 1.05})
    yield client.put("/trade/modify/open", {"order": position, "tp": 0})
    yield client.put("/trade/modify/pending", {"order": pending, "open_price": 1.08})
    yield client.delete("/trade/close", {"order": position, "volume": 50})
    yield client.delete("/trade/close", {"order": position})


def test_outside_the_session_nothing_is_opened_placed_changed_or_closed(
    client: Any, eurusd: Symbol, orders: tuple[int, int]
) -> None:
    set_session(eurusd, 2, 60)
    before = list(Trade.objects.order_by("order").values())
    for answer in send_open_market_requests(client, *orders):
        assert error_of(answer) == CLOSED
    assert list(Trade.objects.order_by("order").values()) == before


def test_within_the_session_all_requests_succeed(
    client: Any, eurusd: Symbol, orders: tuple[int, int]
) -> None:
    set_session(eurusd, -60, 2)
    assert [answer.status_code for answer in send_open_market_requests(client, *orders)] == [
        200
    ] * 7


def test_a_pending_can_be_cancelled_while_the_market_is_closed(
    client: Any, eurusd: Symbol, orders: tuple[int, int]
) -> None:
    set_session(eurusd, 2, 60)
    assert client.delete("/trade/cancel", {"order": orders[1]}).json()["state"] == 9
    assert Trade.objects.get(pk=orders[1]).state == State.DELETED


def test_a_closed_market_is_reported_rather_than_its_old_quotes(
    client: Any, eurusd: Symbol, orders: tuple[int, int]
) -> None:
    eurusd.schedule = closed_schedule()
    eurusd.save()
    factories.quote("EURUSD", 1.1, 1.1001, received=now_ms() - 3_600_000)
    assert error_of(client.post("/trade/open", BUY)) == CLOSED
    assert error_of(client.delete("/trade/close", {"order": orders[0]})) == CLOSED


def test_the_message_says_why_the_market_is_closed(
    client: Any, alice: Account, eurusd: Symbol
) -> None:
    eurusd.schedule = closed_schedule()
    eurusd.save()
    answer = client.post("/trade/open", BUY).json()
    assert answer["message"] == "the market of EURUSD is closed: symbol session closed"
    GroupSchedule.objects.create(group=alice.group, schedule=eurusd.schedule)
    assert client.post("/trade/open", BUY).json()["message"].endswith("work time closed")


def test_the_message_names_the_next_opening(client: Any, eurusd: Symbol) -> None:
    before = now()
    set_session(eurusd, 2, 60)
    message = client.post("/trade/open", BUY).json()["message"]
    named = message.removeprefix("the market of EURUSD is closed: symbol session closed, until ")
    opening = datetime.strptime(named, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC).timestamp()
    assert before + 60 < opening <= now() + 120


def test_another_groups_working_time_does_not_matter(
    client: Any, signed_in: Signed, bob: Account, alice: Account
) -> None:
    factories.symbol("EURGBP")
    factories.quote("EURGBP", 0.87, 0.8701)
    GroupSchedule.objects.create(group=alice.group, schedule=closed_schedule())
    assert error_of(client.post("/trade/open", BUY)) == CLOSED
    assert signed_in(bob).post("/trade/open", BUY).status_code == 200


def test_checking_an_order_in_a_closed_market_answers_its_code(client: Any, eurusd: Symbol) -> None:
    assert client.post("/trade/check", BUY).json()["error"] is None
    eurusd.schedule = closed_schedule()
    eurusd.save()
    for asked in (BUY, LIMIT):
        assert client.post("/trade/check", asked).json()["error"] == CLOSED[1]


def test_a_quote_from_before_the_opening_fills_nothing(
    client: Any, eurusd: Symbol, orders: tuple[int, int]
) -> None:
    set_session(eurusd, -1, 60)
    factories.quote("EURUSD", 1.2, 1.2001, time=(now() - 180) * 1000)
    for answer in send_open_market_requests(client, *orders):
        assert error_of(answer) == OFF_QUOTES
    factories.quote("EURUSD", 1.15, 1.1501)
    assert client.post("/trade/open", BUY).status_code == 200
    assert Trade.objects.first().open_price == D("1.1501")  # type: ignore[union-attr]


def test_an_untraded_symbol_is_disabled_and_not_closed(
    client: Any, eurusd: Symbol, orders: tuple[int, int]
) -> None:
    Symbol.objects.update(trade=0)
    for answer in send_open_market_requests(client, *orders):
        assert error_of(answer) == (403, "RET_TRADE_DISABLE")


def test_a_symbol_that_is_only_closed_can_be_closed_and_given_stops(
    client: Any, orders: tuple[int, int]
) -> None:
    Symbol.objects.update(trade=1)
    assert error_of(client.post("/trade/open", BUY)) == (403, "RET_TRADE_DISABLE")
    position = {"order": orders[0]}
    assert client.put("/trade/modify", {**position, "sl": 1.05}).status_code == 200
    assert client.delete("/trade/close", position).json()["state"] == 7


def test_money_moves_while_the_market_is_closed(alice: Account, eurusd: Symbol) -> None:
    eurusd.schedule = closed_schedule()
    eurusd.save()
    ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_IN, amount=D(5))
    alice.refresh_from_db()
    assert alice.balance == D(10005)
