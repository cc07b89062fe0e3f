"""A timely night: swap amounts, their conversion and effect, and the clients' events."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from core import redis
from market.enums import SwapType
from market.models import Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.conftest import Signed
from tests.trading.rollover.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Open,
    close_at,
    mark_known,
    publish_at,
    run_night,
)  # fmt: skip
from trading import services
from trading.book_updates import BOOK_STREAM, decode_book_update
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import Rollover, SwapCharge, Trade
from trading.rollover.nights import end_of_night


@pytest.fixture(autouse=True)
def _known(db: None) -> None:
    mark_known(MONDAY)


def stored(trade: Trade) -> D:
    trade.refresh_from_db()
    amount: D = trade.storage
    return amount


def test_a_long_pays_and_a_short_earns(alice: Account, position: Open) -> None:
    long, short = position(alice), position(alice, Cmd.SELL)
    done = run_night(TUESDAY)
    assert [str(line) for line in done] == ["2026-03-03: 2 trades charged, finished"]
    assert (stored(long), stored(short)) == (D("-7.50"), D("2.50"))
    assert Rollover.objects.get(pk=TUESDAY).finished == end_of_night(TUESDAY) + 60


def test_wednesday_counts_three_times(alice: Account, position: Open) -> None:
    trade = position(alice, night=WEDNESDAY)
    mark_known(TUESDAY)
    run_night(WEDNESDAY)
    assert stored(trade) == D("-22.50")
    charge = SwapCharge.objects.get()
    assert (charge.days, charge.amount) == (3, D("-22.50"))


def test_three_nights_are_rounded_once(alice: Account, position: Open) -> None:
    trade = position(alice, volume=1, night=WEDNESDAY)
    mark_known(TUESDAY)
    run_night(WEDNESDAY)
    assert stored(trade) == D("-0.23")  # 3 · 0.075 is 0.225, not three times 0.08


def test_a_symbol_without_swaps_charges_nothing(alice: Account, position: Open) -> None:
    trade = position(alice)
    Symbol.objects.update(swap_enable=False)
    assert run_night(TUESDAY)[0].trades == 0
    assert stored(trade) == 0
    assert not SwapCharge.objects.exists()


def test_pendings_are_not_charged(alice: Account, position: Open) -> None:
    publish_at("EURUSD", 1.1, 1.1001, end_of_night(TUESDAY) - 60)
    services.open_pending(
        login=alice.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.05")
    )
    assert run_night(TUESDAY)[0].trades == 0


def test_a_cost_is_converted_at_the_side_that_buys_the_currency(
    bob: Account, position: Open
) -> None:
    long, short = position(bob, volume=500), position(bob, Cmd.SELL, 500)
    publish_at("EURUSD", 1.1, 1.2, end_of_night(TUESDAY))
    run_night(TUESDAY)
    assert stored(long) == D("-34.09")  # -37.50 dollars, bought with euros at the bid of 1.1
    assert stored(short) == D("10.42")  # 12.50 dollars, sold for euros at the ask of 1.2
    terms = SwapCharge.objects.get(trade=long).terms
    assert terms["rate"][1] == [["EURUSD", "bid", "1.1"]]
    assert (terms["swap"], terms["volume"], terms["currency"]) == ("-7.5000", 500, "USD")


def test_a_group_may_convert_swaps_at_mid(bob: Account, position: Open) -> None:
    type(bob.group).objects.update(conversion="mid")
    long = position(bob, volume=500)
    publish_at("EURUSD", 1.1, 1.2, end_of_night(TUESDAY))
    run_night(TUESDAY)
    assert stored(long) == D("-32.61")  # -37.50 / 1.15


def test_yen_swaps_are_rounded_to_whole_yen(position: Open) -> None:
    factories.symbol("USDJPY", 3)
    publish_at("USDJPY", 150.01, 150.03, end_of_night(TUESDAY) - 60)
    account = factories.client(100007, factories.group("jpy", "JPY"), deposit="2000000")
    trade = position(account)
    run_night(TUESDAY)
    assert stored(trade) == D(-1125)  # 7.5 · 150.03 is 1,125.225


@pytest.mark.parametrize(
    ("kind", "amount", "price"),
    [
        (SwapType.MONEY, "-36.00", None),
        (SwapType.MARGIN_CURRENCY, "-43.20", None),  # euros, bought at the ask of 1.2
        (SwapType.INTEREST, "-115.00", "1.15"),  # the mid
        (SwapType.INTEREST_OPEN, "-110.01", "1.10010000"),
        (SwapType.INTEREST_CURRENT, "-110.00", "1.1"),  # the bid, at which a long closes
    ],
)
def test_each_swap_type_uses_its_own_price(
    alice: Account, position: Open, kind: SwapType, amount: str, price: str | None
) -> None:
    trade = position(alice)
    publish_at("EURUSD", 1.1, 1.2, end_of_night(TUESDAY))
    Symbol.objects.update(swap_type=kind, swap_long=D(-36))
    run_night(TUESDAY)
    assert stored(trade) == D(amount)
    terms = SwapCharge.objects.get().terms
    assert (terms["type"], terms["price"]) == (kind, price)
    assert terms["quote"] == ["1.1", "1.2", end_of_night(TUESDAY) * 1000]


def test_money_is_in_the_accounts_currency(bob: Account, position: Open) -> None:
    trade = position(bob)
    Symbol.objects.update(swap_type=SwapType.MONEY, swap_long=D(-5))
    run_night(TUESDAY)
    assert stored(trade) == D("-5.00")


def test_the_swap_is_equity_and_becomes_balance_when_the_trade_closes(
    alice: Account, position: Open, signed_in: Signed
) -> None:
    trade = position(alice)
    run_night(TUESDAY)
    before = signed_in(alice).get("/account/me").json()
    assert (before["balance"], before["equity"]) == (10000, D("9982.5"))  # spread 10, swap 7.50
    close_at(trade, end_of_night(TUESDAY) + 600)
    alice.refresh_from_db()
    assert alice.balance == D("9982.50")
    assert not list(find_differences())


def test_a_partial_close_takes_its_share_of_the_swap_to_the_cent(
    alice: Account, position: Open
) -> None:
    trade = position(alice, volume=100)
    run_night(TUESDAY)
    pieces = [close_at(trade, end_of_night(TUESDAY) + 600, volume) for volume in (33, 33, None)]
    assert sum(piece.storage for piece in pieces) == D("-7.50")
    assert pieces[0].storage == D("-2.48")  # 2.475
    assert not list(find_differences())


def test_clients_get_events_and_the_engine_updates(
    alice: Account, position: Open, django_capture_on_commit_callbacks: object
) -> None:
    first, second = position(alice), position(alice, Cmd.SELL)
    seq = AccountEvent.objects.filter(login=alice.login).count()
    known = redis.sync_client().xlen(BOOK_STREAM)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        run_night(TUESDAY)
    events = [
        row.event for row in AccountEvent.objects.filter(login=alice.login).order_by("seq")[seq:]
    ]
    assert [(event[0], event[1]) for event in events] == [
        ("o", first.order), ("o", second.order), ("b", alice.login),
    ]  # fmt: skip
    assert [event[-1] for event in events] == [1, 1, 1]
    news: Any = redis.sync_client().xrange(BOOK_STREAM)
    rows = [row for _, fields in news[known:] for row in decode_book_update(fields).orders]
    assert [(row.order, row.revision, row.costs) for row in rows] == [
        (first.order, 2, -7.5),
        (second.order, 2, 2.5),
    ]
    assert not list(find_differences())


def test_events_and_rest_state_agree(alice: Account, position: Open, signed_in: Signed) -> None:
    position(alice, volume=150)
    run_night(TUESDAY)
    newest = AccountEvent.objects.filter(login=alice.login).order_by("-seq")[:2]
    balance, trade = (row.event for row in newest)
    asked = {"limit": 1, "offset": 0, "tradeType": 1}
    listed = signed_in(alice).get("/trades", asked).json()
    row = dict(zip(listed["structure"], listed["rows"][0], strict=True))
    assert row["storage"] == D("-11.25")
    assert -11.25 in trade
    figures = signed_in(alice).get("/account/me").json()
    assert {D(str(figures[name])) for name in ("equity", "margin_free")} <= set(balance[2:8])


def test_a_finished_night_stores_its_sums(alice: Account, bob: Account, position: Open) -> None:
    for account, cmd in ((alice, Cmd.BUY), (alice, Cmd.SELL), (bob, Cmd.BUY)):
        position(account, cmd)
    run_night(TUESDAY)
    night = Rollover.objects.get(night=TUESDAY)
    sums = {"EUR": D(0), "USD": D(0)}
    for charge in SwapCharge.objects.select_related("trade__account__group"):
        sums[charge.trade.account.group.currency] += charge.amount
    assert night.finished
    assert night.charged == 3
    assert {name: D(amount) for name, amount in night.amounts.items()} == sums
