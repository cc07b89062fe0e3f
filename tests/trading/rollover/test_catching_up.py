"""Nights charged late have the result of a timely run, whatever was closed since."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from market.enums import Resolution, SwapType
from market.models import Candle, Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.trading.rollover.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Open,
    close_at,
    mark_known,
    publish_at,
    run_night,
)
from trading import services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import MarginAction, Rollover, SwapCharge, Trade
from trading.rollover.nights import end_of_night, next_night
from trading.services import ledger

THURSDAY = next_night(WEDNESDAY)
LATER = end_of_night(TUESDAY) + 600


@pytest.fixture(autouse=True)
def _known(db: None) -> None:
    mark_known(MONDAY)


def swaps_of_family(trade: Trade) -> D:
    """Return all swap of a trade and its parts: in storage and by corrections."""
    rows = [trade, *trade.pieces.all()]
    found = Trade.objects.filter(pk__in=[row.pk for row in rows])
    late = Trade.objects.filter(corrects__in=rows)
    return sum((row.storage for row in found), D(0)) + sum((row.profit for row in late), D(0))


def test_three_missed_nights_are_charged_in_order(alice: Account, position: Open) -> None:
    trade = position(alice)
    candle("EURUSD", end_of_night(TUESDAY), "1.1")
    done = run_night(THURSDAY)
    assert [line.night for line in done] == [TUESDAY, WEDNESDAY, THURSDAY]
    charges = SwapCharge.objects.order_by("pk").values_list("night", "days", "amount")
    assert list(charges) == [
        (TUESDAY, 1, D("-7.5")),
        (WEDNESDAY, 3, D("-22.5")),
        (THURSDAY, 1, D("-7.5")),
    ]
    trade.refresh_from_db()
    assert (trade.storage, trade.revision) == (D("-37.50"), 4)
    assert not Rollover.objects.filter(finished=0).exists()


def test_only_nights_within_a_trades_life_are_charged(alice: Account, position: Open) -> None:
    trade = position(alice, night=THURSDAY)
    run_night(THURSDAY)
    assert [charge.night_id for charge in SwapCharge.objects.filter(trade=trade)] == [THURSDAY]


@pytest.mark.parametrize(("opened", "charged"), [(0, True), (1, False)])
def test_a_trade_of_the_moment_itself_is_charged_and_one_of_the_next_second_is_not(
    alice: Account, position: Open, opened: int, charged: bool
) -> None:
    position(alice, at=end_of_night(TUESDAY) + opened)
    run_night(TUESDAY)
    assert SwapCharge.objects.exists() is charged


@pytest.mark.parametrize(("closed", "charged"), [(0, False), (1, True)])
def test_a_trade_that_closed_at_the_moment_is_not_charged_and_a_second_later_is(
    alice: Account, position: Open, closed: int, charged: bool
) -> None:
    trade = position(alice)
    close_at(trade, end_of_night(TUESDAY) + closed)
    run_night(TUESDAY)
    assert SwapCharge.objects.exists() is charged


def test_a_trade_closed_since_is_charged_by_a_correction(alice: Account, position: Open) -> None:
    trade = position(alice)
    close_at(trade, LATER)
    before = Trade.objects.values().get(pk=trade.pk)
    run_night(TUESDAY, 700)
    row = Trade.objects.get(corrects=trade)
    assert (row.cmd, row.state, row.profit) == (Cmd.BALANCE_OUT, State.CLOSED, D("-7.50"))
    assert row.comment == f"swap of 2026-03-03 for #{trade.order}"
    assert Trade.objects.values().get(pk=trade.pk) == before
    assert SwapCharge.objects.get().correction == row
    alice.refresh_from_db()
    assert alice.balance == D("9982.50")
    assert not list(find_differences())


def test_with_protection_a_late_swap_does_not_make_the_balance_negative(
    eurusd: Symbol, position: Open
) -> None:
    """A stop-out between 17:00 and the booking had brought the balance to 0 already."""
    ann = factories.client(200001, factories.group("margin"), "1200")
    trade = position(ann)
    publish_at("EURUSD", 1.08, 1.0801, end_of_night(TUESDAY) + 10)
    services.close_position(login=ann.login, order=trade.order)
    ann.refresh_from_db()
    assert ann.balance == 0
    run_night(TUESDAY, 60)
    ann.refresh_from_db()
    assert ann.balance == 0
    late, made_good = Trade.objects.finance_operations().filter(account=ann).order_by("order")[2:]
    assert (late.corrects, late.profit, made_good.profit) == (trade, D("-7.5"), D("7.5"))
    assert made_good.margin_actions.get().kind == MarginAction.Kind.COMPENSATION
    assert not list(find_differences())


def test_without_protection_a_late_swap_makes_the_balance_negative(
    eurusd: Symbol, position: Open
) -> None:
    group = factories.group("hard", negative_balance_protection=False)
    ann = factories.client(200001, group, "1200")
    trade = position(ann)
    close_at(trade, LATER)
    ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1190))
    run_night(TUESDAY, 700)
    ann.refresh_from_db()
    assert ann.balance == D("-7.50")


def test_a_short_closed_since_gets_its_credit(alice: Account, position: Open) -> None:
    trade = position(alice, Cmd.SELL)
    close_at(trade, LATER)
    run_night(TUESDAY, 700)
    row = Trade.objects.get(corrects=trade)
    assert (row.cmd, row.profit) == (Cmd.BALANCE_IN, D("2.50"))


def test_a_part_closed_since_carries_its_share(alice: Account, position: Open) -> None:
    trade = position(alice)
    early = close_at(trade, end_of_night(TUESDAY), 10)
    piece = close_at(trade, LATER, 30)
    run_night(TUESDAY, 700)
    trade.refresh_from_db()
    assert trade.storage == D("-4.50")  # 60 of the 90 that were open, of -6.75
    assert Trade.objects.get(corrects=piece).profit == D("-2.25")
    assert not SwapCharge.objects.filter(trade=early).exists()
    assert {charge.terms["volume"] for charge in SwapCharge.objects.all()} == {90}
    assert not list(find_differences())


def test_a_closed_position_costs_the_same_late_or_on_time(alice: Account, position: Open) -> None:
    late, on_time = position(alice, volume=101), None
    for volume in (33, 17, None):
        close_at(late, LATER, volume)
    run_night(TUESDAY, 700)
    on_time = position(alice, volume=101, night=THURSDAY)
    mark_known(WEDNESDAY)
    run_night(THURSDAY)
    for volume in (33, 17, None):
        close_at(on_time, end_of_night(THURSDAY) + 600, volume)
    assert swaps_of_family(late) == swaps_of_family(on_time) == D("-7.58")
    assert not list(find_differences())


def test_the_client_gets_events_of_a_swap_correction(alice: Account, position: Open) -> None:
    trade = position(alice)
    close_at(trade, LATER)
    seq = AccountEvent.objects.filter(login=alice.login).count()
    run_night(TUESDAY, 700)
    events = AccountEvent.objects.filter(login=alice.login).order_by("seq")[seq:]
    row = Trade.objects.get(corrects=trade)
    assert [(e.event[0], e.event[1], e.event[-1]) for e in events] == [
        ("o", row.order, 0),
        ("b", alice.login, 1),
    ]


def candle(name: str, end: int, close: str, resolution: Resolution = Resolution.MINUTE) -> None:
    """The last bar before a moment, and one after it that must not count."""
    length = resolution * 60
    for begin_, price in ((end - length, D(close)), (end - length + 60, D(9))):
        values = dict.fromkeys(("open", "high", "low", "close"), price)
        Candle.objects.create(symbol_id=name, resolution=resolution, time=begin_, **values)


@pytest.mark.parametrize("resolution", [Resolution.MINUTE, Resolution.HOUR, Resolution.DAY])
def test_a_late_night_takes_the_price_of_its_moment(
    alice: Account, position: Open, resolution: Resolution
) -> None:
    position(alice)
    Symbol.objects.update(swap_type=SwapType.INTEREST, swap_long=D(-36))
    candle("EURUSD", end_of_night(TUESDAY), "1.15", resolution)
    publish_at("EURUSD", 1.3, 1.31, LATER)
    run_night(TUESDAY, 700)
    charge = SwapCharge.objects.get()
    assert charge.amount == D("-115.50")  # the mid of 1.15 and 1.16, a spread as it is now
    assert charge.terms["quote"] == ["1.15000000", "1.16000000", end_of_night(TUESDAY) * 1000]


def test_without_a_candle_the_newest_quote_is_used_and_its_time_stored(
    alice: Account, position: Open
) -> None:
    position(alice)
    Symbol.objects.update(swap_type=SwapType.INTEREST, swap_long=D(-36))
    publish_at("EURUSD", 1.3, 1.3, LATER)
    run_night(TUESDAY, 700)
    charge = SwapCharge.objects.get()
    assert (charge.amount, charge.terms["quote"][2]) == (D("-130.00"), LATER * 1000)


def test_a_timely_run_uses_the_newest_quote(alice: Account, position: Open) -> None:
    position(alice)
    Symbol.objects.update(swap_type=SwapType.INTEREST, swap_long=D(-36))
    candle("EURUSD", end_of_night(TUESDAY), "1.15")
    publish_at("EURUSD", 1.3, 1.3, end_of_night(TUESDAY))
    run_night(TUESDAY)
    assert SwapCharge.objects.get().amount == D("-130.00")


def test_without_a_price_the_account_waits_and_the_others_do_not(
    alice: Account, bob: Account, position: Open
) -> None:
    factories.symbol("GBPUSD", swap_enable=True, swap_long=D(-3), swap_type=SwapType.INTEREST)
    hers, his = position(alice), position(bob)
    Trade.objects.filter(pk=his.pk).update(symbol="GBPUSD")
    done = run_night(TUESDAY)
    assert (done[0].trades, done[0].waiting) == (1, [bob.login])
    assert str(done[0]) == "2026-03-03: 1 trades charged, waiting: 100002"
    assert Rollover.objects.get(pk=TUESDAY).finished == 0
    assert [charge.trade_id for charge in SwapCharge.objects.all()] == [hers.order]
    publish_at("GBPUSD", 1.25, 1.2501, end_of_night(TUESDAY))
    again = run_night(TUESDAY, 120)
    assert (again[0].trades, again[0].waiting) == (1, [])
    assert SwapCharge.objects.filter(trade=his, amount=D("-9.47")).exists()
    assert Rollover.objects.get(pk=TUESDAY).finished


def test_without_a_conversion_rate_the_account_waits(bob: Account, position: Open) -> None:
    trade = position(bob)
    factories.remove_quotes()
    assert run_night(TUESDAY)[0].waiting == [bob.login]
    trade.refresh_from_db()
    assert trade.storage == 0


def test_a_waiting_night_does_not_block_the_next_one(
    alice: Account, bob: Account, position: Open
) -> None:
    trade, his = position(alice), position(bob)
    Symbol.objects.update(swap_type=SwapType.MONEY)
    factories.symbol("GBPUSD", swap_enable=True, swap_long=D(-3), swap_type=SwapType.INTEREST)
    Trade.objects.filter(pk=his.pk).update(symbol="GBPUSD")
    run_night(TUESDAY)
    run_night(WEDNESDAY)
    trade.refresh_from_db()
    assert trade.storage == D("-30.00")
    assert list(Rollover.objects.filter(finished=0).values_list("night", flat=True)) == [
        TUESDAY,
        WEDNESDAY,
    ]
