"""A dealer's form sent after the order changed applies only what the dealer changed."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from market.models import Symbol
from tests.backoffice.actions.trade_actions import action_url
from tests.backoffice.fixtures import Browser
from tests.factories import D
from trading import services
from trading.models import Trade


@pytest.fixture
def dealer(dan: User, alice: Account, eurusd: Symbol, browser: Browser) -> Client:
    return browser(dan)


def shown(dealer: Client, trade: Trade) -> dict[str, Any]:
    """Everything that the browser would send back, hidden fields included."""
    form = dealer.get(action_url(trade, "modify")).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    for name, field in form.fields.items():
        if field.show_hidden_initial:
            sent[form[name].html_initial_name] = form[name].value()
    return {name: value for name, value in sent.items() if value is not None}


def confirm(dealer: Client, trade: Trade, sent: dict[str, Any]) -> None:
    """Post the form and confirm its preview, hidden fields included."""
    asked = dealer.post(action_url(trade, "modify"), sent).context["form"]
    sent = sent | {"previewed": asked["previewed"].value()}
    assert dealer.post(action_url(trade, "modify"), sent).status_code == 302


def test_a_stop_that_the_client_moved_meanwhile_stays(dealer: Client, position: Trade) -> None:
    services.modify_position(login=100001, order=position.order, sl=D("1.05"))
    form = shown(dealer, position)
    services.modify_position(login=100001, order=position.order, sl=D("1.09"))
    confirm(dealer, position, {**form, "tp": "1.2", "reason": "only the profit"})
    position.refresh_from_db()
    assert (position.sl, position.tp) == (D("1.09"), D("1.2"))


def test_a_price_and_an_expiration_that_the_client_moved_meanwhile_stay(
    dealer: Client, pending: Trade
) -> None:
    form = shown(dealer, pending)
    services.modify_pending(
        login=100001, order=pending.order, open_price=D("1.06"), expiration=1_935_817_690
    )
    confirm(dealer, pending, {**form, "sl": "1.04", "reason": "the stop"})
    pending.refresh_from_db()
    assert (pending.open_price, pending.sl) == (D("1.06"), D("1.04"))
    assert pending.expiration == 1_935_817_690


def test_a_form_without_a_change_is_refused_although_the_client_changed_the_order(
    dealer: Client, position: Trade
) -> None:
    form = shown(dealer, position)
    services.modify_position(login=100001, order=position.order, sl=D("1.09"))
    answer = dealer.post(action_url(position, "modify"), {**form, "reason": "nothing"})
    assert "Nothing would change" in str(answer.context["form"].errors)
    position.refresh_from_db()
    assert position.sl == D("1.09")


def test_the_form_carries_the_values_it_was_loaded_with(dealer: Client, pending: Trade) -> None:
    html = dealer.get(action_url(pending, "modify")).content.decode()
    for name in ("price", "sl", "tp", "expiration"):
        assert f'name="initial-{name}"' in html
