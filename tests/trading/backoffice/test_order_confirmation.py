"""Changes and cancellations of orders are judged and shown in words before they are done."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from market.models import Symbol
from tests import factories
from tests.backoffice.actions.trade_actions import action_url, submit_action
from tests.backoffice.fixtures import Browser
from tests.factories import D
from trading import services
from trading.enums import State
from trading.models import Trade


@pytest.fixture
def dealer(dan: User, alice: Account, eurusd: Symbol, browser: Browser) -> Client:
    return browser(dan)


def ask(dealer: Client, trade: Trade, action: str, **answers: Any) -> Any:
    """Post the form once, as it was loaded but for the answers."""
    url = action_url(trade, action)
    form = dealer.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields} | {"reason": "asked"} | answers
    return dealer.post(url, {name: v for name, v in values.items() if v not in (None, "")})


def test_a_change_of_a_position_is_said_in_words_and_confirmed(
    dealer: Client, position: Trade
) -> None:
    services.modify_position(login=100001, order=position.order, sl=D("1.0900"))
    asked = ask(dealer, position, "modify", sl="1.0905", tp="1.1101")
    preview = asked.context["preview"]
    assert preview.rows == [
        ("Stop loss", "1.09000", "1.09050"), ("Take profit", "none", "1.11010"),
    ]  # fmt: skip
    assert preview.summary == (
        f"Modify order {position.order}, buy 1.00 EURUSD, of 100001 Alice: SL 1.09000 → 1.09050 "
        "(50 points nearer, 950 points from the price now; would close with a loss of 960.00 "
        "USD); TP none → 1.11010 (1,010 points from the price now; would close with a profit of "
        "1,000.00 USD)."
    )
    page = asked.content.decode()
    assert "Confirm: Modify" in page
    position.refresh_from_db()
    assert (position.sl, position.tp) == (D("1.09"), 0)
    assert not Entry.objects.filter(action="modify").exists()


def test_a_change_of_a_pending_is_said_in_words(dealer: Client, pending: Trade) -> None:
    services.modify_pending(login=100001, order=pending.order, sl=D("1.04"), tp=D("1.07"))
    preview = ask(
        dealer, pending, "modify", price="1.06", sl="0", tp="1.08", expiration="2031-05-06T07:08"
    ).context["preview"]
    assert preview.rows == [
        ("Price", "1.05000", "1.06000"),
        ("Stop loss", "1.04000", "none"),
        ("Take profit", "1.07000", "1.08000"),
        ("Expires", "never", "2031-05-06 07:08:00 UTC"),
    ]
    assert preview.summary == (
        f"Modify order {pending.order}, buy limit 0.10 EURUSD, of 100001 Alice: price 1.05000 → "
        "1.06000 (1,000 points nearer, 4,010 points from the market); SL 1.04000 → none; TP "
        "1.07000 → 1.08000 (1,000 points farther, 2,000 points from the order's price; "
        "would close with a profit of 200.00 USD); expires never → 2031-05-06 07:08:00 UTC."
    )


def test_every_refusal_of_a_change_is_at_its_field_before_it_is_confirmed(
    dealer: Client, position: Trade, pending: Trade
) -> None:
    Symbol.objects.update(stops_level=100)
    asked = ask(dealer, position, "modify", sl="1.2", tp="1.1005")
    assert asked.context["preview"] is None
    assert asked.context["form"].errors == {
        "sl": ["Stop loss is on the wrong side of the price, by 10,000 points."],
        "tp": ["Take profit must be 100 points away from the price: it is 50."],
    }
    asked = ask(dealer, position, "modify", sl="1.090001", tp="1.05", reason="")
    assert asked.context["form"].errors == {
        "sl": ["EURUSD has at most 5 decimals."],
        "tp": ["Take profit is on the wrong side of the price, by 5,000 points."],
        "reason": ["This field is required."],
    }
    asked = ask(
        dealer, pending, "modify", price="1.2", sl="1.3", tp="1.1", expiration="2001-01-01T00:00"
    )
    off = "Price is on the wrong side of the market"
    assert asked.context["form"].errors == {
        "price": [f"{off}, which is at 1.10010, or closer to it than 100 points."],
        "sl": ["Stop loss is on the wrong side of the price, by 10,000 points."],
        "tp": ["Take profit is on the wrong side of the price, by 10,000 points."],
        "expiration": ["Expires (UTC) is in the past."],
    }
    assert not Entry.objects.filter(action="modify").exists()


def test_a_change_that_became_impossible_is_refused_when_it_is_confirmed(
    dealer: Client, position: Trade
) -> None:
    asked = ask(dealer, position, "modify", sl="1.09")
    form = asked.context["form"]
    sent = {name: form[name].value() for name in ("sl", "tp", "reason", "form", "previewed")}
    factories.quote("EURUSD", 1.0895, 1.0896)
    refused = dealer.post(action_url(position, "modify"), sent)
    assert refused.context["form"].errors == {
        "sl": ["Stop loss is on the wrong side of the price, by 50 points."]
    }
    position.refresh_from_db()
    assert position.sl == 0


def test_a_cancellation_is_confirmed_with_how_far_the_market_is(
    dealer: Client, pending: Trade
) -> None:
    asked = ask(dealer, pending, "cancel")
    assert asked.context["preview"].summary == (
        f"Cancel order {pending.order}, buy limit 0.10 EURUSD, of 100001 Alice at 1.05000. "
        "The market is at 1.10010, 5,010 points away."
    )
    assert "Confirm: Cancel" in asked.content.decode()
    pending.refresh_from_db()
    assert pending.state == State.OPEN
    submit_action(dealer, action_url(pending, "cancel"), reason="asked")
    pending.refresh_from_db()
    assert pending.state == State.DELETED
