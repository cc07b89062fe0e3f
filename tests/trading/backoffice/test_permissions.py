"""Permissions for each action on each trade."""

import pytest

from accounts.models import Account, User
from tests.backoffice.actions.trade_actions import action_url
from tests.backoffice.fixtures import Browser
from tests.trading.backoffice.test_order_actions import BUY, OPEN
from trading import services
from trading.enums import Cmd, State
from trading.models import Trade


@pytest.mark.parametrize("action", ["close", "modify", "cancel", "correct", "reverse"])
def test_only_actions_that_fit_the_state_are_offered(
    admin: User, position: Trade, pending: Trade, browser: Browser, action: str
) -> None:
    client = browser(admin)
    services.close_position(login=100001, order=position.order, volume=10)
    closed = Trade.objects.get(parent=position)
    deposit = Trade.objects.get(cmd=Cmd.BALANCE_IN)
    fits = {
        "close": [position], "modify": [position, pending], "cancel": [pending],
        "correct": [closed, deposit], "reverse": [deposit],
    }  # fmt: skip
    for trade in (position, pending, closed, deposit):
        expected = 200 if trade in fits[action] else 403
        assert client.get(action_url(trade, action)).status_code == expected, trade.state
        page = client.get(f"/admin/trading/trade/{trade.order}/change/").content.decode()
        assert (f"/do/{action}/" in page) == (expected == 200)


def test_each_role_has_its_trade_actions(
    carol: User, dan: User, position: Trade, browser: Browser, alice: Account
) -> None:
    services.close_position(login=100001, order=position.order, volume=10)
    closed = Trade.objects.get(parent=position)
    for who, may_deal in ((carol, False), (dan, True)):
        client = browser(who)
        expected = 200 if may_deal else 403
        assert client.get(OPEN).status_code == expected
        for action in ("close", "modify"):
            assert client.get(action_url(position, action)).status_code == expected
        assert client.post(action_url(position, "close"), {"lots": 1}).status_code == expected
        assert client.get(action_url(closed, "correct")).status_code == 403
    position.refresh_from_db()
    assert position.volume == 90


def test_a_scoped_dealer_acts_only_on_its_groups(
    dan: User, position: Trade, alice: Account, bob: Account, browser: Browser
) -> None:
    User.objects.filter(pk=dan.pk).update(managed_groups="std-*")
    client = browser(dan)
    assert client.get("/admin/accounts/account/100002/do/open-trade/").status_code == 200
    for url in (OPEN, action_url(position, "close"), action_url(position, "modify")):
        assert client.get(url).status_code in (302, 404)
        assert client.post(url, {**BUY, "form": "0" * 32}).status_code in (302, 404)
    explain = f"/admin/trading/trade/{position.order}/explain/"
    assert client.get(explain).status_code == 404
    position.refresh_from_db()
    assert (position.state, Trade.objects.filter(symbol="EURUSD").count()) == (State.OPEN, 1)
