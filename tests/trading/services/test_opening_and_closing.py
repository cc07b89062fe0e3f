"""Opening and closing, and their effect on the balance."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from realtime.models import AccountEvent
from tests import factories
from trading import errors, services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Trade
from trading.services import ledger
from trading.valuation.account import current_figures


def buy(account: Account, volume: int = 100, **fields: object) -> Trade:
    return services.open_market(
        login=account.login,
        cmd=Cmd.BUY,
        symbol="EURUSD",
        volume=volume,
        **fields,  # type: ignore[arg-type]
    )


def test_a_buy_opens_at_ask_and_a_sell_at_bid(alice: Account, eurusd: Symbol) -> None:
    bought = buy(alice)
    sold = services.open_market(login=alice.login, cmd=Cmd.SELL, symbol="EURUSD", volume=100)
    assert (bought.open_price, sold.open_price) == (D("1.1001"), D("1.1"))


def test_a_longs_profit_is_added_to_the_balance(alice: Account, eurusd: Symbol) -> None:
    trade = buy(alice)
    factories.quote("EURUSD", 1.102, 1.1021)
    closed = services.close_position(login=alice.login, order=trade.order)
    alice.refresh_from_db()
    assert closed.state == State.CLOSED
    assert closed.profit == D("190.00")  # (1.1020 - 1.1001) · 100,000
    assert alice.balance == D("10190.00")
    assert not list(find_differences())


def test_a_loss_is_converted_at_the_side_that_buys_the_currency(
    bob: Account, eurusd: Symbol
) -> None:
    trade = services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    factories.quote("EURUSD", 1.09, 1.0901)
    closed = services.close_position(login=bob.login, order=trade.order)
    # -1,010 USD are bought with euros: sold at bid 1.09.
    assert closed.profit == D("-926.61")


def test_a_gain_is_converted_at_the_side_that_sells_the_currency(
    bob: Account, eurusd: Symbol
) -> None:
    trade = services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    factories.quote("EURUSD", 1.11, 1.1101)
    closed = services.close_position(login=bob.login, order=trade.order)
    # 990 USD are sold for euros: bought at ask 1.1101.
    assert closed.profit == D("891.81")


def test_the_rate_its_side_and_the_chain_are_stored_with_the_deal(
    bob: Account, eurusd: Symbol
) -> None:
    trade = services.open_market(login=bob.login, cmd=Cmd.SELL, symbol="EURUSD", volume=100)
    services.close_position(login=bob.login, order=trade.order)
    fill = Fill.objects.get(trade=trade, kind=Fill.Kind.CLOSE)
    rate, chain = fill.rates["profit"]
    assert chain == [["EURUSD", "bid", "1.1"]]
    assert D(rate).quantize(D("0.0001")) == D("0.9091")
    assert fill.quote[:2] == [1.1, 1.1001]


def test_an_order_beyond_the_free_margin_is_refused_and_changes_nothing(
    alice: Account, eurusd: Symbol
) -> None:
    with pytest.raises(errors.NoMoney):
        buy(alice, volume=1000)  # needs 11,001 USD
    assert not Trade.objects.positions().exists()
    assert AccountEvent.objects.filter(login=alice.login).count() == 2  # of the deposit


def test_the_free_margin_check_includes_the_spread(alice: Account, eurusd: Symbol) -> None:
    # 9.09 lots: 9,999.909 of margin leave 0.091 USD, less than the spread of 90.90.
    with pytest.raises(errors.NoMoney):
        buy(alice, volume=909)


def test_a_partial_close_is_a_new_row(alice: Account, eurusd: Symbol) -> None:
    trade = buy(alice, volume=100)
    piece = services.close_position(login=alice.login, order=trade.order, volume=30)
    trade.refresh_from_db()
    assert (piece.state, piece.volume, piece.parent_id) == (State.CLOSED_PART, 30, trade.order)
    assert (trade.state, trade.volume, trade.closed_volume) == (State.OPEN, 70, 30)
    assert piece.profit == D("-3.00")
    assert not list(find_differences())


def test_commission_is_split_by_volume_and_the_last_part_takes_the_rest(
    alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(comm_base=D("1.00"))
    trade = buy(alice, volume=100)
    pieces = [
        services.close_position(login=alice.login, order=trade.order, volume=v) for v in (33, 33)
    ]
    last = services.close_position(login=alice.login, order=trade.order)
    assert [p.commission for p in (*pieces, last)] == [D("-0.33"), D("-0.33"), D("-0.34")]
    assert not list(find_differences())


def test_a_stale_quote_trades_nothing(alice: Account, eurusd: Symbol) -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=1)
    with pytest.raises(OffQuotes):
        buy(alice)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"volume": 0}, errors.BadVolume),
        ({"volume": 10_001}, errors.BadVolume),
        ({"sl": D("1.2")}, errors.InvalidStops),
        ({"tp": D("1.0")}, errors.InvalidStops),
        ({"sl": D("1.000001")}, errors.InvalidStops),
        ({"sl": D("1.09999")}, errors.BadStops),
    ],
)
def test_a_bad_order_is_refused_with_its_own_code(
    alice: Account, eurusd: Symbol, fields: dict[str, object], error: type[Exception]
) -> None:
    Symbol.objects.update(stops_level=5)
    with pytest.raises(error):
        buy(alice, **fields)  # type: ignore[arg-type]
    assert not Trade.objects.positions().exists()


def test_closing_twice_is_refused(alice: Account, eurusd: Symbol) -> None:
    trade = buy(alice)
    services.close_position(login=alice.login, order=trade.order)
    with pytest.raises(errors.IncorrectState):
        services.close_position(login=alice.login, order=trade.order)


def test_a_remainder_below_the_smallest_lot_is_refused(alice: Account, eurusd: Symbol) -> None:
    Symbol.objects.update(lot_min=10, lot_step=10)
    trade = buy(alice, volume=20)
    with pytest.raises(errors.BadVolume):
        services.close_position(login=alice.login, order=trade.order, volume=15)


def test_a_trades_events_lead_to_its_state(alice: Account, eurusd: Symbol) -> None:
    trade = buy(alice)
    services.close_position(login=alice.login, order=trade.order)
    alice.refresh_from_db()
    events = [e.event for e in AccountEvent.objects.filter(login=alice.login).order_by("seq")][2:]
    assert [(event[0], event[-1]) for event in events] == [("o", 0), ("b", 1), ("o", 6), ("b", 1)]
    assert events[2][1] == trade.order
    assert D(str(events[3][2])) == alice.balance == D("9990.00")
    assert alice.seq == 6


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_the_free_margin_check_includes_the_commission_in_every_mode(
    alice: Account, eurusd: Symbol, mode: int
) -> None:
    alice.group.margin_mode = mode
    alice.group.save()
    Symbol.objects.update(comm_base=D(100))
    ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_OUT, amount=D("8898.90"))
    with pytest.raises(errors.NoMoney):  # the margin and one dollar are there
        buy(alice)


def test_every_position_on_the_step_can_be_closed_in_parts(alice: Account, eurusd: Symbol) -> None:
    Symbol.objects.update(lot_min=10, lot_step=10)
    with pytest.raises(errors.BadVolume):
        buy(alice, volume=31)
    trade = buy(alice, volume=30)
    assert services.close_position(login=alice.login, order=trade.order, volume=10).volume == 10


def test_a_missing_quote_of_one_position_does_not_block_closing_another(bob: Account) -> None:
    bob.group.margin_rate_mode = "mid"
    bob.group.save()
    for name in ("EURUSD", "GBPUSD", "EURGBP"):
        factories.symbol(name)
    quotes = (("EURUSD", 1.1, 1.1001), ("GBPUSD", 1.25, 1.2501), ("EURGBP", 0.88, 0.8801))
    factories.publish(*quotes)
    services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="GBPUSD", volume=10)
    trade = services.open_market(login=bob.login, cmd=Cmd.BUY, symbol="EURUSD", volume=10)
    factories.remove_quotes("EURGBP", "GBPUSD")
    assert services.close_position(login=bob.login, order=trade.order).state == State.CLOSED


def test_with_an_unquoted_position_orders_and_withdrawals_are_refused(
    alice: Account, eurusd: Symbol
) -> None:
    buy(alice)
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.2501)
    factories.remove_quotes("EURUSD")
    with pytest.raises(OffQuotes):
        services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="GBPUSD", volume=10)
    with pytest.raises(OffQuotes):
        ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_OUT, amount=D(1))


def test_a_trade_opens_and_closes_at_the_time_of_its_quotes(alice: Account, eurusd: Symbol) -> None:
    factories.quote("EURUSD", 1.1, 1.1001, time=1_800_000_000_000)
    trade = buy(alice)
    factories.quote("EURUSD", 1.1, 1.1001, time=1_800_000_005_000)
    closed = services.close_position(login=alice.login, order=trade.order)
    assert (closed.open_time, closed.close_time) == (1_800_000_000, 1_800_000_005)


def test_shown_figures_use_quotes_of_one_moment(alice: Account, eurusd: Symbol) -> None:
    trade = buy(alice)
    stale = Account.objects.select_related("group").get(pk=alice.pk)
    services.close_position(login=alice.login, order=trade.order)
    figures = current_figures(stale, LatestQuotes())
    assert figures.equity == figures.balance == D("9990.00")
    assert stale.seq == 6
