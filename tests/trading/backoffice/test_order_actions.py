"""Dealers' actions for clients in the admin: rows, cents, events to the client, audit."""

import pytest
from django.test import Client

from accounts.models import Account, Group, User
from audit.models import Entry
from core.clock import now
from market.models import Symbol
from tests import factories
from tests.backoffice.actions.trade_actions import (
    action_url,
    client_events,
    form_errors,
    submit_action,
)
from tests.backoffice.fixtures import Browser
from tests.factories import D
from trading import services
from trading.enums import Cmd, Reason, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Trade

OPEN = "/admin/accounts/account/100001/do/open-trade/"
BUY = {"cmd": "0", "symbol": "EURUSD", "lots": "1", "reason": "by phone"}
LIMIT = {**BUY, "cmd": "2", "price": "1.05"}


@pytest.fixture
def dealer(dan: User, alice: Account, eurusd: Symbol, browser: Browser) -> Client:
    return browser(dan)


def test_a_market_order_is_opened_for_the_client(dealer: Client, alice: Account) -> None:
    before = len(client_events())
    answer = submit_action(dealer, OPEN, **BUY, sl="1.09", tp="1.12", comment="as asked")
    trade = Trade.objects.get(symbol="EURUSD")
    assert answer["Location"] == f"/admin/trading/trade/{trade.order}/change/"
    assert (trade.account_id, trade.cmd, trade.volume, trade.open_price) == (
        100001, Cmd.BUY, 100, D("1.1001"),
    )  # fmt: skip
    assert (trade.sl, trade.tp, trade.comment) == (D("1.09"), D("1.12"), "as asked")
    assert (trade.reason, trade.staff_id) == (Reason.DEALER, 2)
    fill = Fill.objects.get(trade=trade)
    assert (fill.kind, fill.price) == ("open", D("1.1001"))
    announced, balance = client_events()[before:]
    assert (announced[0], announced[1], announced[-1]) == ("o", trade.order, 0)
    assert balance[0] == "b"
    entry = Entry.objects.get(action="open-trade")
    assert (entry.staff_id, entry.login, entry.model) == (2, 100001, "accounts.account")
    assert (entry.reason, entry.key) == ("by phone", "100001")
    assert entry.after["order"] == trade.order
    assert entry.after["open_price"] == "1.1001"
    assert not list(find_differences())


def test_the_preview_shows_the_cost_and_opens_nothing(dealer: Client) -> None:
    form = dealer.get(OPEN).context["form"]["form"].value()
    answer = dealer.post(OPEN, {**BUY, "form": form})
    rows = {name: (before, after) for name, before, after in answer.context["preview"].rows}
    assert rows["Price"][1] == "1.1001"
    assert rows["Margin"] == ("0.00", "1,100.10")
    assert rows["Free margin"] == ("10,000.00", "8,889.90")
    assert rows["Margin level"] == ("–", "908.10 %")
    assert not Trade.objects.filter(symbol="EURUSD").exists()
    assert not Entry.objects.filter(action="open-trade").exists()


def test_a_pending_order_is_placed_with_price_and_expiration(dealer: Client) -> None:
    at = "2031-05-06T07:08"
    submit_action(dealer, OPEN, **LIMIT, expiration=at)
    trade = Trade.objects.get(symbol="EURUSD")
    assert (trade.cmd, trade.open_price, trade.state) == (Cmd.BUY_LIMIT, D("1.05"), State.OPEN)
    assert (trade.expiration, trade.staff_id) == (1_935_817_680, 2)
    assert client_events()[-2][:2] == ["o", trade.order]


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"lots": "1000"}, "Lots must be from 0.01 to 100.00."),
    ({"lots": "90"}, "The free margin does not suffice: it would be -89,909.00 USD."),
    ({"lots": "0.001"}, "2 decimal places"),
    ({"sl": "1.2"}, "Stop loss is on the wrong side of the price, by 10,000 points."),
    ({"tp": "1.1"}, "Take profit is on the wrong side of the price: it is at the price."),
    ({"tp": "1.100000"}, "EURUSD has at most 5 decimals."),
    ({"price": "1.05"}, "market order has none"),
    ({"cmd": "2"}, "needs its price"),
    (
        {"cmd": "2", "price": "1.2"},
        "Price is on the wrong side of the market, which is at 1.10010, or closer to it",
    ),
    (
        {"cmd": "2", "price": "1.05", "expiration": "2001-01-01T00:00"},
        "Expires (UTC) is in the past.",
    ),
    ({"cmd": "7"}, "valid choice"),
    ({"symbol": "NONE"}, "valid choice"),
    ({"reason": ""}, "required"),
]


def test_a_refused_order_leaves_no_row_entry_or_event(
    dealer: Client, subtests: pytest.Subtests
) -> None:
    before = len(client_events())
    for changes, word in REFUSED:
        with subtests.test(str(changes)):
            assert word in form_errors(submit_action(dealer, OPEN, **{**BUY, **changes}))
            assert not Trade.objects.filter(symbol="EURUSD").exists()
            assert not Entry.objects.filter(action="open-trade").exists()
            assert len(client_events()) == before


def test_a_position_is_closed(dealer: Client, position: Trade, alice: Account) -> None:
    before = len(client_events())
    factories.quote("EURUSD", 1.102, 1.1021)
    submit_action(
        dealer, action_url(position, "close"), reason="asked by phone", comment="closed by desk"
    )
    position.refresh_from_db()
    alice.refresh_from_db()
    assert (position.state, position.close_price) == (State.CLOSED, D("1.102"))
    assert (position.profit, alice.balance) == (D(190), D(10_190))
    assert (position.staff_id, position.reason, position.comment) == (
        2, Reason.CLIENT, "closed by desk",
    )  # fmt: skip
    announced, balance = client_events()[before:]
    assert announced[:2] == ["o", position.order]
    assert balance[2] == 10_190
    entry = Entry.objects.get(action="close")
    assert (entry.key, entry.login, entry.staff_id) == (str(position.order), 100001, 2)
    assert (entry.before["balance"], entry.after["balance"]) == ("10000", "10190")
    assert (entry.before["state"], entry.after["state"]) == ("open", "closed")
    assert not list(find_differences())


def test_a_partial_close_makes_a_new_row(dealer: Client, position: Trade, alice: Account) -> None:
    answer = submit_action(dealer, action_url(position, "close"), lots="0.3", reason="a part")
    piece = Trade.objects.get(parent=position)
    position.refresh_from_db()
    assert (piece.state, piece.volume, piece.staff_id) == (State.CLOSED_PART, 30, 2)
    assert (position.state, position.volume, position.staff_id) == (State.OPEN, 70, None)
    assert answer["Location"] == f"/admin/trading/trade/{piece.order}/change/"
    alice.refresh_from_db()
    assert alice.balance == D(9997)
    entry = Entry.objects.get(action="close")
    assert (entry.before["lots"], entry.after["lots"]) == ("1.00", "0.30")
    assert (entry.key, entry.after["order"]) == (str(position.order), piece.order)
    assert not list(find_differences())


def test_the_levels_of_a_position_are_modified(dealer: Client, position: Trade) -> None:
    before = len(client_events())
    submit_action(dealer, action_url(position, "modify"), sl="1.09", reason="as agreed")
    position.refresh_from_db()
    assert (position.sl, position.tp, position.revision) == (D("1.09"), 0, 2)
    assert client_events()[before][:2] == ["o", position.order]
    entry = Entry.objects.get(action="modify")
    assert (entry.before["sl"], entry.after["sl"]) == ("0", "1.09")
    assert "Nothing would change" in form_errors(
        submit_action(dealer, action_url(position, "modify"), reason="again")
    )


def test_a_pending_order_is_modified_and_cancelled(dealer: Client, pending: Trade) -> None:
    changes = {"price": "1.06", "sl": "1.04", "expiration": "2031-05-06T07:08"}
    submit_action(dealer, action_url(pending, "modify"), **changes, reason="as agreed")
    pending.refresh_from_db()
    assert (pending.open_price, pending.sl) == (D("1.06"), D("1.04"))
    assert pending.expiration == 1_935_817_680
    before = len(client_events())
    submit_action(dealer, action_url(pending, "cancel"), reason="not wanted any more")
    pending.refresh_from_db()
    assert (pending.state, pending.staff_id) == (State.DELETED, 2)
    assert client_events()[before][:2] == ["o", pending.order]
    assert Entry.objects.get(action="cancel").after["state"] == "cancelled"


def test_an_unchanged_expiration_keeps_its_seconds(dealer: Client, pending: Trade) -> None:
    at = now() // 60 * 60 + 3661
    services.modify_pending(login=100001, order=pending.order, expiration=at)
    submit_action(dealer, action_url(pending, "modify"), sl="1.04", reason="only the stop")
    pending.refresh_from_db()
    assert (pending.expiration, pending.sl) == (at, D("1.04"))


def test_unchanged_levels_that_became_too_near_do_not_block_another_change(
    dealer: Client, position: Trade, pending: Trade
) -> None:
    services.modify_position(login=100001, order=position.order, sl=D("1.09"), tp=D("1.12"))
    services.modify_pending(login=100001, order=pending.order, sl=D("1.04"))
    Symbol.objects.update(stops_level=50_000)
    submit_action(dealer, action_url(position, "modify"), tp="0", reason="as agreed")
    submit_action(
        dealer, action_url(pending, "modify"), expiration="2031-05-06T07:08", reason="as agreed"
    )
    position.refresh_from_db()
    pending.refresh_from_db()
    assert (position.sl, position.tp) == (D("1.09"), 0)
    assert (pending.sl, pending.expiration) == (D("1.04"), 1_935_817_680)


def test_restrictions_of_the_client_do_not_bind_the_dealer(
    dealer: Client, alice: Account, position: Trade, pending: Trade, eurusd: Symbol
) -> None:
    services.modify_position(login=100001, order=position.order, sl=D("1.0999"))
    Account.objects.filter(pk=100001).update(enable_read_only=True)
    Group.objects.update(trade_enabled=False)
    User.objects.filter(pk=100001).update(enable=False)
    Symbol.objects.update(freeze_level=10_000)
    for url, answers in (
        (OPEN, BUY),
        (action_url(position, "modify"), {"sl": "1.09"}),
        (action_url(pending, "modify"), {"price": "1.06"}),
        (action_url(pending, "cancel"), {}),
        (action_url(position, "close"), {}),
    ):
        assert submit_action(dealer, url, **{"reason": "desk", **answers}).status_code == 302, url
    position.refresh_from_db()
    assert position.state == State.CLOSED


def test_an_untraded_symbol_or_a_stale_quote_binds_the_dealer(
    dealer: Client, position: Trade
) -> None:
    Symbol.objects.update(trade=0)
    assert "not traded" in form_errors(
        submit_action(dealer, action_url(position, "close"), reason="x")
    )
    Symbol.objects.update(trade=2)
    factories.quote("EURUSD", 1.1, 1.1001, received=(now() - 9999) * 1000)
    assert "too old" in form_errors(
        submit_action(dealer, action_url(position, "close"), reason="x")
    )
    position.refresh_from_db()
    assert position.state == State.OPEN
    assert not Entry.objects.filter(action="close").exists()


def test_a_form_sent_twice_is_executed_once(dealer: Client, position: Trade) -> None:
    url = action_url(position, "close")
    form = dealer.get(url).context["form"]
    asked = {"lots": "0.30", "reason": "once", "form": form["form"].value()}
    preview = dealer.post(url, asked).context["form"]
    asked["previewed"] = preview["previewed"].value()
    assert [dealer.post(url, asked).status_code for _ in range(2)] == [302, 302]
    assert Trade.objects.filter(parent=position).count() == 1
    assert Entry.objects.filter(action="close").count() == 1
