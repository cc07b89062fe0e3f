"""The stop-out: exactly at its level, and with its evidence."""

from decimal import Decimal as D

from accounts.enums import FloatingMode, LevelUnit
from accounts.models import Account
from core import redis
from market.models import Symbol
from tests import factories
from tests.trading.margin.scene import (
    Kind,
    actions,
    events,
    kinds,
    moved,
    opened,
    rules,
    seq,
    still_open,
)
from trading import services
from trading.enums import Activation, Cmd, State
from trading.models import Fill, Trade


def test_at_the_level_the_position_closes_at_its_closing_side(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 200)
    [closed] = moved(ann, "EURUSD", 1.0945, 1.0947, time=1_800_000_000_500)
    ann.refresh_from_db()
    assert closed == trade
    assert (closed.state, closed.activation) == (State.CLOSED, Activation.STOP_OUT)
    assert (closed.close_price, closed.close_time) == (D("1.0945"), 1_800_000_000)
    assert (closed.profit, ann.balance) == (D("-1100.00"), D("1100.00"))


def test_a_point_above_the_level_nothing_closes(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 200)
    assert moved(ann, "EURUSD", 1.09451, 1.0947) == []  # 1,102 / 2,200
    assert (kinds(ann), still_open(ann)) == ([Kind.CALL], [trade.order])


def test_the_level_is_compared_unrounded(ann: Account) -> None:
    rules(ann, margin_stopout=D("50.09"))
    opened(ann, "EURUSD", 200)
    # 1,102 / 2,200 is 50.0909…: shown as 50.09, and yet above it.
    assert moved(ann, "EURUSD", 1.09451) == []


def test_the_published_level_of_half_the_used_margin(db: None) -> None:
    """Example O-18: 5 lots of GBPUSD with 7,938.60 of margin are stopped out at 3,969.30."""
    factories.symbol("GBPUSD", 7)
    factories.quote("GBPUSD", 1.58772, 1.58772)
    client = factories.client(200002, factories.group("o18"), "7938.60")
    opened(client, "GBPUSD", 500)
    assert moved(client, "GBPUSD", 1.5797815) == []  # 3,969.35 are left
    [closed] = moved(client, "GBPUSD", 1.5797814)
    before = actions(client)[1].before
    assert (before["margin"], before["equity"], before["level"]) == ("7938.6", "3969.3", "50")
    assert closed.profit == D("-3969.30")


def test_the_level_can_be_money(ann: Account) -> None:
    rules(ann, margin_type=LevelUnit.MONEY, margin_call=D(500), margin_stopout=D(300))
    opened(ann, "EURUSD", 200)
    assert moved(ann, "EURUSD", 1.09051) == []  # equity 302
    assert len(moved(ann, "EURUSD", 1.0905)) == 1  # 300


def test_the_margin_mode_decides_what_counts(ann: Account) -> None:
    rules(ann, margin_mode=FloatingMode.NONE)
    opened(ann, "EURUSD", 200)
    assert moved(ann, "EURUSD", 1.0945) == []  # the floating loss does not count
    assert kinds(ann) == []


def test_the_stop_out_is_told_before_its_closes(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0999)
    before = seq(ann)
    moved(ann, "EURUSD", 1.0945)
    told, note, order, after = events(ann, before)
    assert (told[0], told[5], told[8]) == ("b", 50, 2)
    assert note[:2] == ["n", "Stop-out"]
    assert note[2] == "The margin level is 50 %: not above the stop-out at 50."
    assert note[5] == 30
    assert (order[0], order[1], order[-1]) == ("o", trade.order, 6)
    assert (after[0], after[2], after[5], after[8]) == ("b", 1100, 0, 0)


def test_a_fall_through_both_levels_is_a_call_a_stop_out_and_a_recovery(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.09)
    ann.refresh_from_db()
    assert kinds(ann) == [Kind.CALL, Kind.STOP_OUT, Kind.RECOVERY]
    assert not ann.margin_called


def test_each_stop_out_keeps_figures_quotes_and_rules(ann: Account, flat: Symbol) -> None:
    trade = opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0945, time=1_800_000_000_000)
    [_, action, _] = actions(ann)
    assert (action.kind, action.trade_id, action.time) == (
        Kind.STOP_OUT,
        trade.order,
        1_800_000_000,
    )
    assert (action.before["equity"], action.before["level"]) == ("1100", "50")
    assert (action.after["balance"], action.after["level"]) == ("1100", None)
    assert action.quotes["EURUSD"][:3] == [1.0945, 1.0945, 1_800_000_000_000]
    assert action.rules["margin_stopout"] == "50"
    assert action.rules["stopout_order"] == "largest_loss"
    assert (action.rules["lots"], action.rules["not_closed"]) == (200, {})
    fill = Fill.objects.get(trade=trade, kind=Fill.Kind.CLOSE)
    assert fill.price == D("1.0945")


def test_pendings_tie_no_margin_and_stay(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    pending = services.open_pending(
        login=ann.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    moved(ann, "EURUSD", 1.0945)
    assert [trade.order for trade in Trade.objects.live()] == [pending.order]


def test_an_account_without_a_known_price_is_left_alone(ann: Account) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    opened(ann, "GBPUSD", 10)
    opened(ann, "EURUSD", 180)
    redis.client().hdel("quotes", "GBPUSD")
    assert moved(ann, "EURUSD", 1.05) == []
    assert kinds(ann) == []


def test_nobody_else_is_touched(ann: Account, alice: Account) -> None:
    mine, other = opened(ann, "EURUSD", 200), opened(alice, "EURUSD", 200)
    assert moved(alice, "EURUSD", 1.0945) == []
    assert (still_open(ann), still_open(alice)) == ([mine.order], [other.order])
    assert kinds(alice) == []
