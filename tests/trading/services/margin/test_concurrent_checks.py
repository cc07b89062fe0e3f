"""Concurrent margin checks and requests: the account's lock orders them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.db import connection

from accounts.models import Account
from core.errors import BrokerError
from market.quotes.quote import LatestQuotes, Quote
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    margin_action_kinds,
    open_orders,
    open_position,
)
from trading import services
from trading.enums import Activation, State
from trading.ledger_audit import find_differences
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Account:
    factories.symbol("EURUSD")
    factories.quote("EURUSD", 1.1, 1.1)
    return factories.client(200009, factories.group("margin"), "2200")


def run_together(*works: Callable[[], object]) -> list[object]:
    """Run all works at once in threads; return results, or the code of each refusal."""
    barrier = threading.Barrier(len(works))

    def one(work: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return work()
        except BrokerError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def margin_check(account: Account, quote: Quote) -> Callable[[], list[Trade]]:
    return lambda: services.enforce_margin_levels(
        login=account.login, quotes=LatestQuotes(), quote=quote
    )


def test_of_many_concurrent_margin_checks_one_stops_out(client: Account) -> None:
    open_position(client, "EURUSD", 200)
    quote = factories.quote("EURUSD", 1.0945, 1.0945)
    found = run_together(*[margin_check(client, quote)] * 8)
    client.refresh_from_db()
    assert sorted(len(changed) for changed in found if isinstance(changed, list)) == [0] * 7 + [1]
    assert margin_action_kinds(client) == [Kind.CALL, Kind.STOP_OUT, Kind.RECOVERY]
    assert client.balance == D(1100)
    assert list(find_differences()) == []


def test_of_many_concurrent_margin_checks_one_makes_the_call(client: Account) -> None:
    open_position(client, "EURUSD", 200)
    run_together(*[margin_check(client, factories.quote("EURUSD", 1.099, 1.099))] * 8)
    assert margin_action_kinds(client) == [Kind.CALL]
    assert list(find_differences()) == []


def test_a_client_closing_during_the_stop_out_closes_or_is_refused(client: Account) -> None:
    """Whoever comes first: the position ends once, and for the same money."""
    trade = open_position(client, "EURUSD", 200)
    quote = factories.quote("EURUSD", 1.0945, 1.0945)
    close = lambda: services.close_position(login=client.login, order=trade.order)  # noqa: E731
    changed, closed = run_together(margin_check(client, quote), close)
    trade.refresh_from_db()
    client.refresh_from_db()
    assert (trade.state, client.balance, open_orders(client)) == (State.CLOSED, D(1100), [])
    if changed:
        assert closed == "RET_TRADE_INCORRECT_STATE"
        assert trade.activation == Activation.STOP_OUT
    else:
        assert closed == trade
        assert trade.activation == Activation.NONE
    assert list(find_differences()) == []


def test_a_deposit_during_the_stop_out_saves_the_position_or_is_too_late(client: Account) -> None:
    from trading.enums import Cmd
    from trading.services import ledger

    open_position(client, "EURUSD", 200)
    quote = factories.quote("EURUSD", 1.0945, 1.0945)
    pay = lambda: ledger.post_operation(login=client.login, cmd=Cmd.BALANCE_IN, amount=D(1000))  # noqa: E731
    changed, _ = run_together(margin_check(client, quote), pay)
    client.refresh_from_db()
    assert client.balance == (D(2100) if changed else D(3200))
    assert bool(changed) == (Kind.STOP_OUT in margin_action_kinds(client))
    assert list(find_differences()) == []
