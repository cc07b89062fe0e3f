"""Quotes processed late or again affect only what existed at their time."""

import time
from decimal import Decimal as D

import pytest
from redis.exceptions import ConnectionError as RedisDown

from accounts.models import Account
from core import clock, redis
from market.models import LastQuote
from market.quotes import FixedQuotes, Quote
from tests import factories
from tests.trading.margin.scene import Kind, kinds, opened, still_open
from trading import ledger, services
from trading.enums import Cmd
from trading.models import Trade


class Clock:
    """A clock that is wrong by that many seconds."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead

    def time(self) -> float:
        return time.time() + self.ahead

    def time_ns(self) -> int:
        return time.time_ns() + self.ahead * 10**9


def judged(account: Account, quote: Quote) -> list[Trade]:
    """Check the margin at the moment of the quote, whatever came later."""
    moment = FixedQuotes({quote.symbol: quote})
    return services.watch_margin(login=account.login, quotes=moment, quote=quote)


def test_a_dip_is_judged_later_as_it_would_have_been(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    dip = factories.quote("EURUSD", 1.0945, 1.0945)
    factories.quote("EURUSD", 1.1, 1.1)
    [closed] = judged(ann, dip)
    assert closed.close_price == D("1.0945")


def test_a_position_is_not_judged_by_a_dip_before_it(ann: Account) -> None:
    dip = factories.quote("EURUSD", 1.0945, 1.0945)
    factories.quote("EURUSD", 1.1, 1.1)
    trade = opened(ann, "EURUSD", 200)
    assert judged(ann, dip) == []
    assert (kinds(ann), still_open(ann)) == ([], [trade.order])


def test_a_withdrawal_after_the_dip_is_not_held_against_it(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 100)
    dip = factories.quote("EURUSD", 1.089, 1.089)  # equity 1,100: 100 %
    factories.quote("EURUSD", 1.1, 1.1)
    ledger.finance(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1000))
    assert judged(ann, dip) == []
    assert (kinds(ann), still_open(ann)) == ([], [trade.order])


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_what_a_withdrawal_has_seen_goes_by_the_quotes_and_by_no_clock(
    ann: Account, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """A web server whose clock is fast would else keep the account from its stop-out."""
    opened(ann, "EURUSD", 100)
    dip = factories.quote("EURUSD", 1.0894, 1.0894)
    factories.quote("EURUSD", 1.1, 1.1)
    monkeypatch.setattr(clock, "time", Clock(ahead))  # of this machine, not of the feed's
    ledger.finance(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1000))
    monkeypatch.undo()
    assert judged(ann, dip) == []
    assert len(judged(ann, factories.quote("EURUSD", 1.0894, 1.0894))) == 1


def test_without_redis_it_goes_by_the_newest_quote_of_the_database(
    ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = factories.quote("EURUSD", 1.1, 1.1)
    times = {"time": quote.time, "received": quote.received, "number": quote.number}
    LastQuote.objects.create(symbol_id="EURUSD", bid=quote.bid, ask=quote.ask, **times)

    def away() -> None:
        raise RedisDown("away")

    monkeypatch.setattr(redis, "client", away)
    row = ledger.finance(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1000))
    assert row.seen == quote.number


def test_a_close_after_the_dip_is_not_held_against_it(ann: Account) -> None:
    """With the gain of the short, closed later at the higher price, the dip did no harm."""
    long = opened(ann, "EURUSD", 100)
    short = opened(ann, "EURUSD", 100, Cmd.SELL)
    dip = factories.quote("EURUSD", 1.085, 1.085)
    factories.quote("EURUSD", 1.1, 1.1)
    services.close(login=ann.login, order=short.order)
    assert judged(ann, dip) == []
    assert (kinds(ann), still_open(ann)) == ([], [long.order])


def test_a_pending_placed_after_the_dip_changes_nothing(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    dip = factories.quote("EURUSD", 1.0945, 1.0945)
    factories.quote("EURUSD", 1.1, 1.1)
    services.open_pending(
        login=ann.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=1, open_price=D("1.05")
    )
    assert len(judged(ann, dip)) == 1


def test_two_quotes_walked_after_one_another_act_one_after_the_other(ann: Account) -> None:
    """What the walk itself has closed was closed at its own quote, and hinders no later one."""
    orders = [opened(ann, "EURUSD", 100).order for _ in range(2)]
    first = factories.quote("EURUSD", 1.0945, 1.0945)
    second = factories.quote("EURUSD", 1.089, 1.089)
    factories.quote("EURUSD", 1.1, 1.1)
    assert [trade.order for trade in judged(ann, first)] == orders[:1]
    assert [trade.order for trade in judged(ann, second)] == orders[1:]
    assert kinds(ann).count(Kind.STOP_OUT) == 2


def test_the_same_quote_again_changes_nothing(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    quote = factories.quote("EURUSD", 1.0945, 1.0945)
    assert len(judged(ann, quote)) == 1
    assert judged(ann, quote) == []
    assert kinds(ann).count(Kind.STOP_OUT) == 1


def test_a_compensation_in_the_walk_hinders_no_later_quote(ann: Account) -> None:
    ledger.finance(login=ann.login, cmd=Cmd.CREDIT_IN, amount=D(100))
    opened(ann, "EURUSD", 200)
    pending = services.open_pending(
        login=ann.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=90, open_price=D("1.07")
    )
    lost, reached, dip = (factories.quote("EURUSD", bid, bid) for bid in (1.08, 1.07, 1.06))
    assert len(judged(ann, lost)) == 1
    assert kinds(ann)[-2:] == [Kind.RECOVERY, Kind.COMPENSATION]
    ledger.finance(login=ann.login, cmd=Cmd.BALANCE_IN, amount=D(1000))
    moment = FixedQuotes({"EURUSD": reached})
    services.activate(login=ann.login, order=pending.order, quote=reached, quotes=moment)
    [closed] = judged(ann, dip)
    assert (closed.order, closed.profit) == (pending.order, D("-900.00"))
