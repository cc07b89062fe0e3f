"""Every array of the contract, field by field, as real changes produce them."""

from typing import Any

import pytest

from accounts.models import Account
from alerts import services as alerts
from alerts.evaluation import evaluate
from market.models import Symbol
from tests import factories
from tests.factories import D
from tests.realtime.conftest import Connect, append_events, publish_quote
from tests.realtime.stream_client import StreamClient
from trading import services
from trading.enums import Cmd
from trading.services import ledger

LOGIN = 100001
LATER = 4_000_000_000  # unix time, after every quote that the tests made


@pytest.fixture
def stream(client: Connect, alice: Account, symbol: Symbol) -> StreamClient:
    """Alice's socket; she has 10,000 USD."""
    ledger.post_operation(login=LOGIN, cmd=Cmd.BALANCE_IN, amount=D(10_000))
    return client(alice)


@pytest.fixture
def symbol(transactional_db: None) -> Symbol:
    symbol = factories.symbol("EURUSD", comm_base=D("3.5"))
    factories.quote("EURUSD", 1.1, 1.1001)
    return symbol


def named_fields(frame: list[Any], names: str) -> dict[str, Any]:
    """Return the frame's values by name, in the contract's order."""
    return dict(zip(names.split(), frame[1:], strict=True))


TRADE = (
    "order login symbol cmd volume open_price close_price open_time close_time tp sl state "
    "storage commission profit comment code"
)
BALANCE = "login balance margin margin_free margin_level equity credit level_type profit code"
ALERT = (
    "id login symbol indicator_name message side condition target_price channel_low "
    "channel_high move_threshold status repeat_mode expires_at triggered_price triggered_at code"
)


def test_quote_frame_fields(stream: StreamClient) -> None:
    publish_quote("EURUSD", 1.1, 1.1001, LATER)
    stream.ask({"event": "subscribe", "data": ["EURUSD"]})
    assert stream.text() == f'["t","EURUSD",1.1,1.1001,{LATER}]'


def test_order_and_balance_frame_fields_of_a_new_position(stream: StreamClient) -> None:
    trade = services.open_market(
        login=LOGIN, cmd=Cmd.BUY, symbol="EURUSD", volume=100, tp=D("1.2"), sl=D("1.05"),
        comment="mine",
    )  # fmt: skip
    assert named_fields(stream.receive_first("o"), TRADE) == {
        "order": trade.order, "login": LOGIN, "symbol": "EURUSD", "cmd": 0, "volume": 100,
        "open_price": 1.1001, "close_price": 0, "open_time": trade.open_time, "close_time": 0,
        "tp": 1.2, "sl": 1.05, "state": 0, "storage": 0, "commission": -3.5, "profit": 0,
        "comment": "mine", "code": 0,
    }  # fmt: skip
    # Bought at 1.1001, worth 1.1 now: 10 less; 110,010 of margin a hundredth of leverage.
    assert named_fields(stream.receive_first("b"), BALANCE) == {
        "login": LOGIN, "balance": 10000, "margin": 1100.1, "margin_free": 8886.4,
        "margin_level": 907.78, "equity": 9986.5, "credit": 0, "level_type": 0, "profit": -10,
        "code": 1,
    }  # fmt: skip


def test_order_frame_fields_of_a_finance_operation(stream: StreamClient) -> None:
    row = ledger.post_operation(login=LOGIN, cmd=Cmd.CREDIT_IN, amount=D("50.5"), comment="bonus")
    fields = named_fields(stream.receive_first("o"), TRADE)
    wanted = {"order": row.order, "symbol": "", "cmd": Cmd.CREDIT_IN, "volume": 0, "profit": 50.5}
    assert fields | wanted | {"comment": "bonus", "state": 3} == fields
    assert named_fields(stream.receive_first("b"), BALANCE)["credit"] == 50.5


def test_event_codes_over_a_trades_life(stream: StreamClient) -> None:
    def code() -> int:
        found: int = stream.receive_first("o")[-1]
        return found

    order = services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="EURUSD", volume=10).order
    assert code() == 0
    services.modify_position(login=LOGIN, order=order, tp=D("1.3"))
    assert code() == 1
    services.close_position(login=LOGIN, order=order)
    assert code() == 6
    order = services.open_pending(
        login=LOGIN, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=1, open_price=D("1.09")
    ).order
    assert code() == 0
    services.cancel_pending(login=LOGIN, order=order)
    assert code() == 2


def test_alert_frame_fields_of_a_firing(stream: StreamClient) -> None:
    row = alerts.create_alert(
        login=LOGIN, symbol="EURUSD", side=0, condition=0, repeat_mode=0, message="up",
        target_price=D("1.2"),
    )  # fmt: skip
    fresh = {
        "id": row.pk, "login": LOGIN, "symbol": "EURUSD", "indicator_name": "", "message": "up",
        "side": 0, "condition": 0, "target_price": 1.2, "channel_low": 0, "channel_high": 0,
        "move_threshold": 0, "status": 0, "repeat_mode": 0, "expires_at": 0,
        "triggered_price": 0, "triggered_at": 0, "code": 0,
    }  # fmt: skip
    evaluate.evaluate_new_batches()
    fired = factories.quote("EURUSD", 1.2001, 1.2002)
    evaluate.evaluate_new_batches()
    row.refresh_from_db()
    assert named_fields(stream.receive_first("a"), ALERT) == fresh | {
        "status": int(row.status), "triggered_price": 1.2001, "triggered_at": fired.time // 1000,
        "code": 5,
    }  # fmt: skip


def test_notification_frame_fields(stream: StreamClient) -> None:
    append_events(LOGIN, "hello")
    names = "message description token status level user_id create_time data code"
    assert named_fields(stream.receive_first("n"), names) == {
        "message": "hello", "description": "", "token": "LIVE_DATA:3", "status": 0, "level": 10,
        "user_id": LOGIN, "create_time": 0, "data": {}, "code": 0,
    }  # fmt: skip


def test_heartbeat_frame_fields(stream: StreamClient) -> None:
    publish_quote("EURUSD", 1.1, 1.1001, LATER)
    assert stream.ask({"event": "resume", "since": 2})["seq"] == 2
    assert stream.receive_first("h") == ["h", 2, LATER]
