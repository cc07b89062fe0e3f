"""Nights charged late have the result of a timely run, whatever was closed since."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from core import redis
from market.enums import Resolution, SwapType
from market.models import Candle, Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.trading.rollover.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Open,
    begin,
    book,
    close,
    quote,
)
from trading import ledger, services
from trading.enums import Cmd, State
from trading.models import MarginAction, Rollover, SwapCharge, Trade
from trading.proof import differences
from trading.rollover.nights import moment_of, next_night

THURSDAY = next_night(WEDNESDAY)
LATER = moment_of(TUESDAY) + 600


@pytest.fixture(autouse=True)
def _known(db: None) -> None:
    begin(MONDAY)


def swaps(trade: Trade) -> D:
    """Return all swap of a trade and its parts: in storage and by corrections."""
    rows = [trade, *trade.pieces.all()]
    found = Trade.objects.filter(pk__in=[row.pk for row in rows])
    late = Trade.objects.filter(corrects__in=rows)
    return sum((row.storage for row in found), D(0)) + sum((row.profit for row in late), D(0))


def test_three_missed_nights_are_booked_in_their_order(alice: Account, position: Open) -> None:
    trade = position(alice)
    candle("EURUSD", moment_of(TUESDAY), "1.1")
    done = book(THURSDAY)
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


def test_only_the_nights_that_a_trade_saw_are_charged(alice: Account, position: Open) -> None:
    trade = position(alice, night=THURSDAY)
    book(THURSDAY)
    assert [charge.night_id for charge in SwapCharge.objects.filter(trade=trade)] == [THURSDAY]


@pytest.mark.parametrize(("opened", "charged"), [(0, True), (1, False)])
def test_a_trade_of_the_moment_itself_is_charged_and_one_of_the_next_second_is_not(
    alice: Account, position: Open, opened: int, charged: bool
) -> None:
    position(alice, at=moment_of(TUESDAY) + opened)
    book(TUESDAY)
    assert SwapCharge.objects.exists() is charged


@pytest.mark.parametrize(("closed", "charged"), [(0, False), (1, True)])
def test_a_trade_that_closed_at_the_moment_is_not_charged_and_a_second_later_is(
    alice: Account, position: Open, closed: int, charged: bool
) -> None:
    trade = position(alice)
    close(trade, moment_of(TUESDAY) + closed)
    book(TUESDAY)
    assert SwapCharge.objects.exists() is charged


def test_a_trade_closed_since_is_charged_by_a_row_that_points_to_it(
    alice: Account, position: Open
) -> None:
    trade = position(alice)
    close(trade, LATER)
    before = Trade.objects.values().get(pk=trade.pk)
    book(TUESDAY, 700)
    row = Trade.objects.get(corrects=trade)
    assert (row.cmd, row.state, row.profit) == (Cmd.BALANCE_OUT, State.CLOSED, D("-7.50"))
    assert row.comment == f"swap of 2026-03-03 for #{trade.order}"
    assert Trade.objects.values().get(pk=trade.pk) == before
    assert SwapCharge.objects.get().correction == row
    alice.refresh_from_db()
    assert alice.balance == D("9982.50")
    assert not list(differences())


def test_who_has_lost_all_before_it_owes_nothing_for_it(eurusd: Symbol, position: Open) -> None:
    """A stop-out between 17:00 and the booking had brought the balance to 0 already."""
    ann = factories.client(200001, factories.group("margin"), "1200")
    trade = position(ann)
    quote("EURUSD", 1.08, 1.0801, moment_of(TUESDAY) + 10)
    services.close(login=ann.login, order=trade.order)
    ann.refresh_from_db()
    assert ann.balance == 0
    book(TUESDAY, 60)
    ann.refresh_from_db()
    assert ann.balance == 0
    late, made_good = Trade.objects.finance().filter(account=ann).order_by("order")[2:]
    assert (late.corrects, late.profit, made_good.profit) == (trade, D("-7.5"), D("7.5"))
    assert made_good.margin_actions.get().kind == MarginAction.Kind.COMPENSATION
    assert not list(differences())


def test_it_owes_it_where_the_group_does_without_protection(eurusd: Symbol, position: Open) -> None:
    group = factories.group("hard", negative_balance_protection=False)
    ann = factories.client(200001, group, "1200")
    trade = position(ann)
    close(trade, LATER)
    ledger.finance(login=ann.login, cmd=Cmd.BALANCE_OUT, amount=D(1190))
    book(TUESDAY, 700)
    ann.refresh_from_db()
    assert ann.balance == D("-7.50")


def test_a_short_closed_since_gets_its_credit(alice: Account, position: Open) -> None:
    trade = position(alice, Cmd.SELL)
    close(trade, LATER)
    book(TUESDAY, 700)
    row = Trade.objects.get(corrects=trade)
    assert (row.cmd, row.profit) == (Cmd.BALANCE_IN, D("2.50"))


def test_a_part_closed_since_carries_its_share(alice: Account, position: Open) -> None:
    trade = position(alice)
    early = close(trade, moment_of(TUESDAY), 10)
    piece = close(trade, LATER, 30)
    book(TUESDAY, 700)
    trade.refresh_from_db()
    assert trade.storage == D("-4.50")  # 60 of the 90 that were open, of -6.75
    assert Trade.objects.get(corrects=piece).profit == D("-2.25")
    assert not SwapCharge.objects.filter(trade=early).exists()
    assert {charge.terms["volume"] for charge in SwapCharge.objects.all()} == {90}
    assert not list(differences())


def test_late_or_on_time_a_closed_position_costs_the_same(alice: Account, position: Open) -> None:
    late, on_time = position(alice, volume=101), None
    for volume in (33, 17, None):
        close(late, LATER, volume)
    book(TUESDAY, 700)
    on_time = position(alice, volume=101, night=THURSDAY)
    begin(WEDNESDAY)
    book(THURSDAY)
    for volume in (33, 17, None):
        close(on_time, moment_of(THURSDAY) + 600, volume)
    assert swaps(late) == swaps(on_time) == D("-7.58")
    assert not list(differences())


def test_the_client_hears_of_a_correction(alice: Account, position: Open) -> None:
    trade = position(alice)
    close(trade, LATER)
    seq = AccountEvent.objects.filter(login=alice.login).count()
    book(TUESDAY, 700)
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
    candle("EURUSD", moment_of(TUESDAY), "1.15", resolution)
    quote("EURUSD", 1.3, 1.31, LATER)
    book(TUESDAY, 700)
    charge = SwapCharge.objects.get()
    assert charge.amount == D("-115.50")  # the mid of 1.15 and 1.16, a spread as it is now
    assert charge.terms["quote"] == ["1.15000000", "1.16000000", moment_of(TUESDAY) * 1000]


def test_without_a_candle_the_newest_quote_counts_and_the_evidence_says_when_it_was(
    alice: Account, position: Open
) -> None:
    position(alice)
    Symbol.objects.update(swap_type=SwapType.INTEREST, swap_long=D(-36))
    quote("EURUSD", 1.3, 1.3, LATER)
    book(TUESDAY, 700)
    charge = SwapCharge.objects.get()
    assert (charge.amount, charge.terms["quote"][2]) == (D("-130.00"), LATER * 1000)


def test_on_time_the_newest_quote_counts(alice: Account, position: Open) -> None:
    position(alice)
    Symbol.objects.update(swap_type=SwapType.INTEREST, swap_long=D(-36))
    candle("EURUSD", moment_of(TUESDAY), "1.15")
    quote("EURUSD", 1.3, 1.3, moment_of(TUESDAY))
    book(TUESDAY)
    assert SwapCharge.objects.get().amount == D("-130.00")


def test_without_a_price_the_account_waits_and_the_others_do_not(
    alice: Account, bob: Account, position: Open
) -> None:
    factories.symbol("GBPUSD", swap_enable=True, swap_long=D(-3), swap_type=SwapType.INTEREST)
    hers, his = position(alice), position(bob)
    Trade.objects.filter(pk=his.pk).update(symbol="GBPUSD")
    done = book(TUESDAY)
    assert (done[0].trades, done[0].waiting) == (1, [bob.login])
    assert str(done[0]) == "2026-03-03: 1 trades charged, waiting: 100002"
    assert Rollover.objects.get(pk=TUESDAY).finished == 0
    assert [charge.trade_id for charge in SwapCharge.objects.all()] == [hers.order]
    quote("GBPUSD", 1.25, 1.2501, moment_of(TUESDAY))
    again = book(TUESDAY, 120)
    assert (again[0].trades, again[0].waiting) == (1, [])
    assert SwapCharge.objects.filter(trade=his, amount=D("-9.47")).exists()
    assert Rollover.objects.get(pk=TUESDAY).finished


def test_no_rate_is_never_a_rate_of_one(bob: Account, position: Open) -> None:
    trade = position(bob)
    redis.client().delete("quotes")
    assert book(TUESDAY)[0].waiting == [bob.login]
    trade.refresh_from_db()
    assert trade.storage == 0


def test_a_night_that_waits_does_not_hold_up_the_next_one(
    alice: Account, bob: Account, position: Open
) -> None:
    trade, his = position(alice), position(bob)
    Symbol.objects.update(swap_type=SwapType.MONEY)
    factories.symbol("GBPUSD", swap_enable=True, swap_long=D(-3), swap_type=SwapType.INTEREST)
    Trade.objects.filter(pk=his.pk).update(symbol="GBPUSD")
    book(TUESDAY)
    book(WEDNESDAY)
    trade.refresh_from_db()
    assert trade.storage == D("-30.00")
    assert list(Rollover.objects.filter(finished=0).values_list("night", flat=True)) == [
        TUESDAY,
        WEDNESDAY,
    ]
