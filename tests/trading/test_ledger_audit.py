"""`check_ledger` passes for every service and names each planted difference."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, User
from core.clock import now
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from realtime.models import AccountEvent
from tests import factories
from tests.factories import D
from tests.trading.unguarded_rows import without_triggers
from trading import services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Rollover, SwapCharge, Trade
from trading.services import ledger
from trading.unit.unit import lock_account


@pytest.fixture
def trade(alice: Account, bob: Account, eurusd: Symbol) -> Trade:
    """A closed trade of Alice with one earlier partial close; Bob has a position."""
    Symbol.objects.update(comm_base=D(3))
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    services.open_market(login=100002, cmd=Cmd.SELL, symbol="EURUSD", volume=10)
    services.close_position(login=100001, order=trade.order, volume=30)
    return services.close_position(login=100001, order=trade.order)


def differences_after(order: int, **change: Any) -> list[str]:
    """Return the audit's differences after the row was changed in the database."""
    assert list(find_differences()) == []
    with without_triggers():
        Trade.objects.filter(pk=order).update(**change)
    return list(find_differences())


def test_the_ledger_of_the_services_is_exact(trade: Trade) -> None:
    output = StringIO()
    call_command("check_ledger", stdout=output)
    assert output.getvalue() == "the ledger is exact\n"


def test_the_command_names_each_difference_and_fails(trade: Trade) -> None:
    Account.objects.filter(pk=100001).update(balance=D("9987.01"), credit=D(5))
    output = StringIO()
    with pytest.raises(CommandError, match="2 differences"):
        call_command("check_ledger", stdout=output)
    assert output.getvalue().splitlines() == [
        "100001: balance is 9987.0100, its rows sum to 9987.0000",
        "100001: credit is 5.0000, its rows sum to 0",
    ]


@pytest.mark.parametrize("name", ["profit", "commission", "storage"])
def test_an_edited_amount_is_named(trade: Trade, name: str) -> None:
    found = differences_after(trade.order, **{name: D("-1.23")})
    assert found[0].startswith("100001: balance is 9987.0000, its rows sum to 99")
    assert len(found) == (1 if name == "commission" else 2)


def test_credit_is_checked_separately(trade: Trade) -> None:
    deposit = Trade.objects.get(account=100002, cmd=Cmd.BALANCE_IN)
    assert differences_after(deposit.order, cmd=Cmd.CREDIT_IN) == [
        "100002: balance is 10000.0000, its rows sum to 0",
        "100002: credit is 0.0000, its rows sum to 10000.0000",
    ]


def test_an_account_without_rows_must_have_no_balance(trade: Trade) -> None:
    factories.client(7, factories.group(), "0")
    Account.objects.filter(pk=7).update(balance=1)
    assert list(find_differences()) == ["7: balance is 1.0000, its rows sum to 0"]


def test_a_lost_event_is_named(trade: Trade) -> None:
    last = AccountEvent.objects.filter(login=100001).count()
    for seq in (4, last):
        AccountEvent.objects.filter(login=100001, seq=seq).delete()
        events = f"the log has {last - 1} events from 1 to {last - (seq == last)}"
        assert list(find_differences()) == [f"100001: seq is {last}, {events}"]
        AccountEvent.objects.create(login=100001, seq=seq, time=now(), event=[])
    Account.objects.filter(pk=100001).update(seq=last + 1)
    events = f"the log has {last} events from 1 to {last}"
    assert list(find_differences()) == [f"100001: seq is {last + 1}, {events}"]


def test_an_event_log_may_be_pruned_but_not_empty(trade: Trade) -> None:
    log = AccountEvent.objects.filter(login=100001)
    last = log.count()
    log.filter(seq__lt=last).delete()
    assert list(find_differences()) == []
    log.delete()
    events = "the log has 0 events from 0 to 0"
    assert list(find_differences()) == [f"100001: seq is {last}, {events}"]


def test_partial_closes_that_do_not_sum_up_are_named(trade: Trade) -> None:
    found = differences_after(trade.order, closed_volume=31)
    line = f"100001: order {trade.order} says that 31 of it are closed, its pieces sum to 30"
    assert line in found


def test_a_partial_close_without_its_parent_is_named(trade: Trade) -> None:
    piece = Trade.objects.get(parent=trade)
    found = differences_after(piece.order, parent=None)
    line = f"100001: order {piece.order} is in state 4 with parent none, which does not fit"
    assert line in found


@pytest.mark.parametrize("change", [{"state": State.CLOSED}, {"cmd": Cmd.SELL}])
def test_a_partial_close_that_contradicts_its_parent_is_named(
    trade: Trade, change: dict[str, Any]
) -> None:
    piece = Trade.objects.get(parent=trade)
    state = change.get("state", 4)
    assert differences_after(piece.order, **change)[0] == (
        f"100001: order {piece.order} is in state {state} with parent {trade.order},"
        " which does not fit"
    )


def test_a_close_without_its_fill_is_named(trade: Trade) -> None:
    piece = Trade.objects.get(parent=trade)
    Fill.objects.filter(trade=piece).delete()
    assert list(find_differences()) == [
        f"100001: order {piece.order} was closed at 1.1 with a volume of 30, its fills say nothing"
    ]


def test_a_close_at_another_price_than_its_fill_is_named(trade: Trade) -> None:
    assert differences_after(trade.order, close_price=D("1.2")) == [
        f"100001: order {trade.order} {words}"
        for words in (
            "was closed at 1.2 with a volume of 70, its fills say 70 at 1.1",
            "has a profit of -7, its prices, volume and rate say 6993",
        )
    ]


def test_an_opening_that_differs_from_its_fill_is_named(trade: Trade) -> None:
    position = Trade.objects.positions().get()
    assert differences_after(position.order, open_price=D("1.3")) == [
        (
            f"100002: order {position.order} was opened at 1.3 with a volume of 10,"
            " its fills say 10 at 1.1"
        )
    ]
    Fill.objects.filter(trade=position).delete()
    assert next(iter(find_differences())).endswith("its fills say nothing")


def test_a_second_fill_of_a_close_is_named(trade: Trade) -> None:
    again = Fill.objects.get(trade=trade, kind="close")
    again.pk = None
    again.save(force_insert=True)
    assert list(find_differences()) == [
        (
            f"100001: order {trade.order} was closed at 1.1 with a volume of 70,"
            " its fills say 70 at 1.1, 70 at 1.1"
        )
    ]


@pytest.fixture
def charged(alice: Account, eurusd: Symbol) -> Trade:
    """A position of one lot with a swap of -1.00."""
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    store_charge(trade)
    Trade.objects.filter(pk=trade.order).update(storage=D("-1.00"))
    return trade


def store_charge(trade: Trade, day: int = 20, **fields: Any) -> None:
    """Store the evidence of a swap, without its amount in the storage."""
    night = Rollover.objects.create(night=date(2026, 11, day), moment=now())
    SwapCharge.objects.create(trade=trade, night=night, amount=D("-1.00"), **fields)


def test_a_swap_is_split_over_the_trade_and_its_partial_closes(charged: Trade) -> None:
    services.close_position(login=100001, order=charged.order, volume=33)
    assert list(find_differences()) == []
    services.close_position(login=100001, order=charged.order)
    assert list(find_differences()) == []


def test_a_swap_that_is_not_in_the_storage_is_named(charged: Trade) -> None:
    line = f"100001: order {charged.order} and its pieces have a storage of "
    store_charge(charged, 21)
    assert list(find_differences()) == [line + "-1.0000, its swaps sum to -2.0000"]
    SwapCharge.objects.all().delete()
    assert list(find_differences()) == [line + "-1.0000, its swaps sum to 0"]
    Trade.objects.filter(pk=charged.order).update(storage=0)
    store_charge(charged, 22)
    assert list(find_differences()) == [line + "0, its swaps sum to -1.0000"]


def test_a_swap_charged_after_the_close_is_a_correction_without_staff(charged: Trade) -> None:
    piece = services.close_position(login=100001, order=charged.order, volume=33)
    fields: dict[str, Any] = {"comment": "swap", "corrects": piece}
    with lock_account(100001) as locked:
        row = ledger.post_entry(locked, Cmd.BALANCE_OUT, D("-1.00"), LatestQuotes(), **fields)
    wrong = f"100001: order {row.order} corrects {piece.order}, without"
    assert [line.startswith(wrong) for line in find_differences()] == [True]
    store_charge(piece, 21, correction=row)
    assert list(find_differences()) == []
    SwapCharge.objects.filter(correction=row).update(amount=D("-0.99"))
    assert [line.startswith(wrong) for line in find_differences()] == [True]


@pytest.mark.parametrize("change", [{"staff": None}, {"comment": ""}, {"corrects": "bob"}])
def test_a_correction_that_lacks_something_is_named(
    trade: Trade, dan: User, change: dict[str, Any]
) -> None:
    row = services.correct_entry(
        login=100001, order=trade.order, amount=D(1), reason="so", staff=dan
    )
    if change.get("corrects"):
        change = {"corrects": Trade.objects.get(account=100002, cmd=Cmd.BALANCE_IN)}
    found = differences_after(row.order, **change)
    corrected = change.get("corrects", trade).order
    assert found == [
        (
            f"100001: order {row.order} corrects {corrected}, without its reason, its staff member"
            " or its account"
        )
    ]


def test_money_on_an_order_that_was_never_filled_is_named(alice: Account, eurusd: Symbol) -> None:
    pending = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    assert differences_after(pending.order, commission=D(-3)) == [
        f"100001: order {pending.order} was never filled, yet it carries -3.0000"
    ]
