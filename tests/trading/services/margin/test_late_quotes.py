"""Quotes processed late or again affect only what existed at their time."""

import time
from decimal import Decimal as D

import pytest
from redis.exceptions import ConnectionError as RedisDown

from accounts.models import Account
from core import clock, redis
from market.models import LastQuote, Symbol
from market.quotes.quote import FixedQuotes, Quote
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    margin_action_kinds,
    open_orders,
    open_position,
)
from trading import services
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger


class ShiftedClock:
    """A clock that is wrong by that many seconds."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead

    def time(self) -> float:
        return time.time() + self.ahead

    def time_ns(self) -> int:
        return time.time_ns() + self.ahead * 10**9


def check_margin_at(account: Account, quote: Quote) -> list[Trade]:
    """Check the margin at the moment of the quote, whatever came later."""
    moment = FixedQuotes({quote.symbol: quote})
    return services.enforce_margin_levels(login=account.login, quotes=moment, quote=quote)


def test_a_dip_processed_later_stops_out_as_at_its_time(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    dip = factories.quote("EURUSD", 1.0945, 1.0945)
    factories.quote("EURUSD", 1.1, 1.1)
    [closed] = check_margin_at(ann, dip)
    assert closed.close_price == D("1.0945")


def test_a_position_opened_after_the_dip_is_not_stopped_out(ann: Account) -> None:
    dip = factories.quote("EURUSD", 1.0945, 1.0945)
    factories.quote("EURUSD", 1.1, 1.1)
    trade = open_position(ann, "EURUSD", 200)
    assert check_margin_at(ann, dip) == []
    assert (margin_action_kinds(ann), open_orders(ann)) == ([], [trade.order])


def test_a_withdrawal_after_the_dip_causes_no_stop_out(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 100)
    dip = factories.quote("EURUSD", 1.089, 1.089)  # equity 1,100: 100 %
    factories.quote("EURUSD", 1.1, 1.1)
    ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1000))
    assert check_margin_at(ann, dip) == []
    assert (margin_action_kinds(ann), open_orders(ann)) == ([], [trade.order])


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_withdrawals_last_seq_no_comes_from_quotes_not_from_the_clock(
    ann: Account, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """A web server whose clock is fast would else keep the account from its stop-out."""
    open_position(ann, "EURUSD", 100)
    dip = factories.quote("EURUSD", 1.0894, 1.0894)
    factories.quote("EURUSD", 1.1, 1.1)
    monkeypatch.setattr(clock, "time", ShiftedClock(ahead))  # of this machine, not of the feed's
    ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1000))
    monkeypatch.undo()
    assert check_margin_at(ann, dip) == []
    assert len(check_margin_at(ann, factories.quote("EURUSD", 1.0894, 1.0894))) == 1


def test_without_redis_the_last_seq_no_comes_from_the_stored_quotes(
    ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = factories.quote("EURUSD", 1.1, 1.1)
    times = {"time": quote.time, "received": quote.received, "number": quote.seq_no}
    LastQuote.objects.create(symbol_id="EURUSD", bid=quote.bid, ask=quote.ask, **times)

    def away() -> None:
        raise RedisDown("away")

    monkeypatch.setattr(redis, "sync_client", away)
    row = ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1000))
    assert row.seen == quote.seq_no


def test_a_close_after_the_dip_causes_no_stop_out(ann: Account) -> None:
    """With the gain of the short, closed later at the higher price, the dip did no harm."""
    long = open_position(ann, "EURUSD", 100)
    short = open_position(ann, "EURUSD", 100, Cmd.SELL)
    dip = factories.quote("EURUSD", 1.085, 1.085)
    factories.quote("EURUSD", 1.1, 1.1)
    services.close_position(login=ann.login, order=short.order)
    assert check_margin_at(ann, dip) == []
    assert (margin_action_kinds(ann), open_orders(ann)) == ([], [long.order])


def test_a_pending_placed_after_the_dip_changes_nothing(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    dip = factories.quote("EURUSD", 1.0945, 1.0945)
    factories.quote("EURUSD", 1.1, 1.1)
    services.open_pending(
        login=ann.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=1, open_price=D("1.05")
    )
    assert len(check_margin_at(ann, dip)) == 1


def test_two_quotes_in_sequence_each_stop_out_at_their_own_quote(ann: Account) -> None:
    """What the walk itself has closed was closed at its own quote, and hinders no later one."""
    orders = [open_position(ann, "EURUSD", 100).order for _ in range(2)]
    first = factories.quote("EURUSD", 1.0945, 1.0945)
    second = factories.quote("EURUSD", 1.089, 1.089)
    factories.quote("EURUSD", 1.1, 1.1)
    assert [trade.order for trade in check_margin_at(ann, first)] == orders[:1]
    assert [trade.order for trade in check_margin_at(ann, second)] == orders[1:]
    assert margin_action_kinds(ann).count(Kind.STOP_OUT) == 2


def test_the_same_quote_again_changes_nothing(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    quote = factories.quote("EURUSD", 1.0945, 1.0945)
    assert len(check_margin_at(ann, quote)) == 1
    assert check_margin_at(ann, quote) == []
    assert margin_action_kinds(ann).count(Kind.STOP_OUT) == 1


def test_a_compensation_does_not_block_later_quotes(ann: Account) -> None:
    ledger.post_operation(login=ann.login, cmd=Cmd.CREDIT_IN, amount=D(100))
    open_position(ann, "EURUSD", 200)
    pending = services.open_pending(
        login=ann.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=90, open_price=D("1.07")
    )
    lost, reached, dip = (factories.quote("EURUSD", bid, bid) for bid in (1.08, 1.07, 1.06))
    assert len(check_margin_at(ann, lost)) == 1
    assert margin_action_kinds(ann)[-2:] == [Kind.RECOVERY, Kind.COMPENSATION]
    ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_IN, amount=D(1000))
    moment = FixedQuotes({"EURUSD": reached})
    services.activate_pending(login=ann.login, order=pending.order, quote=reached, quotes=moment)
    [closed] = check_margin_at(ann, dip)
    assert (closed.order, closed.profit) == (pending.order, D("-900.00"))


def test_a_quote_from_before_the_close_of_the_last_position_in_another_symbol_judges_nothing(
    flat: Symbol,
) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    client = factories.client(200002, factories.group("late", margin_stopout=80), "2600")
    closed = open_position(client, "EURUSD", 100)
    kept = open_position(client, "GBPUSD", 100)
    late = factories.quote("GBPUSD", 1.233, 1.233)  # which the engine has not processed yet
    factories.quote("EURUSD", 1.1, 1.1)
    services.close_position(login=client.login, order=closed.order)
    client.refresh_from_db()
    assert client.margin_seen == late.seq_no  # of what is still held
    assert check_margin_at(client, late) == []
    newer = factories.quote("GBPUSD", 1.233, 1.233)
    assert [trade.order for trade in check_margin_at(client, newer)] == [kept.order]
