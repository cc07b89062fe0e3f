from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib import admin
from django.template import Template
from django.template.response import SimpleTemplateResponse
from django.test import Client

from accounts.models import Account, User
from alerts.models import Address, Alert, AlertLog, Delivery
from audit.models import Entry, SignIn
from backoffice.models import Approval, OutgoingMail
from core.clock import now
from market.hours import ROUND_THE_CLOCK
from market.models import GroupTerms, LastQuote, Symbol
from market.schedules import GroupSchedule, Holiday, Schedule
from scripts.models import Script
from settings_app.models import Setting
from tests import factories
from tests.backoffice.forms import sign_in
from tests.trading.services.margin.margin_steps import move_price, open_position
from trading import services
from trading.enums import Cmd
from trading.models import Fill, MarginAction, Rollover, SwapCharge, Trade

Browser = Callable[[Account | User], Client]


@pytest.fixture
def browser() -> Browser:
    """Sign a client in to the admin over its form."""

    def of(who: Account | User) -> Client:
        client = Client()
        answer = sign_in(client, str(who.pk))
        assert answer.status_code == 302, "could not sign in"
        return client

    return of


@pytest.fixture
def no_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the sidebar, a quarter of their cost, for who looks at hundreds of them."""
    monkeypatch.setattr(admin.site, "enable_nav_sidebar", False)


@pytest.fixture
def no_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates without copies of their contexts, for walks that read no `answer.context`."""
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of views without their text, for who asks only whether they let somebody in.

    What a view gave to its template is in `answer.context_data`.
    """
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")


@pytest.fixture
def trade(alice: Account, eurusd: Symbol) -> Trade:
    """An open position of Alice with the evidence of its fill."""
    trade = Trade.objects.create(
        account=alice, symbol=eurusd, cmd=0, volume=100, open_time=now(), open_price="1.1001"
    )
    quote = [1.1, 1.1001, now() * 1000, now() * 1000, 1]
    Fill.objects.create(
        trade=trade, kind="open", time=now(), price="1.1001", volume=100, quote=quote
    )
    return trade


@pytest.fixture
def log(alice: Account, eurusd: Symbol) -> AlertLog:
    """The log row of Alice's alert on EURUSD, written 250 ms after the quote."""
    words = {"side": 0, "condition": 12, "target_price": "1.1005", "indicator_name": "RSI"}
    alert = Alert.objects.create(
        account=alice, symbol=eurusd, repeat_mode=0, created_at=1, updated_at=1, **words
    )
    return AlertLog.objects.create(
        alert=alert,
        login=alice.login,
        symbol="EURUSD",
        triggered_price="1.1006",
        previous_price="1.1004",
        triggered_at=1_700_000_000,
        quote_time=1_700_000_000_123,
        quote_number=77,
        evaluated_at=1_700_000_000_373,
        **words,
    )


@pytest.fixture
def stopped(db: None) -> MarginAction:
    """The stop-out of a client with two lots of EURUSD at half of the margin."""
    factories.symbol("EURUSD")
    factories.quote("EURUSD", 1.1, 1.1)
    client = factories.client(200001, factories.group("margin"), "2200")
    open_position(client, "EURUSD", 200)
    move_price(client, "EURUSD", 1.0945)
    return MarginAction.objects.get(kind="stop_out")


@pytest.fixture
def everything(trade: Trade, log: AlertLog) -> None:
    """A row of every model that the admin shows."""
    always = dict.fromkeys(("sunday", "saturday"), ROUND_THE_CLOCK)
    week = Schedule.objects.create(name="Week", **always)  # the tests run at weekends too
    GroupSchedule.objects.create(group=trade.account.group, schedule=week)
    GroupTerms.objects.create(group=trade.account.group, symbols="EUR*", stops_level=0)
    Holiday.objects.create(name="Christmas", date="2025-12-25")
    MarginAction.objects.create(
        account=trade.account, kind="stop_out", time=now(), trade=trade, before={"equity": "1.005"}
    )
    night = Rollover.objects.create(night="2026-11-20", moment=now(), finished=now())
    SwapCharge.objects.create(trade=trade, night=night, amount="-1.25", terms={"type": 0})
    LastQuote.objects.create(symbol_id="EURUSD", bid="1.1", ask="1.2", time=1, received=2, number=3)
    address = Address.objects.create(
        account_id=100001, channel=1, address="https://example.com", created_at=1, updated_at=1
    )
    Delivery.objects.create(address=address, log=log, next_try=1, created_at=1)
    Script.objects.create(user_id=100001, name="n", script="s", created_time=1, updated_time=1)
    Setting.objects.create(user_id=100001, prefix="web", name="n", value="1", updated_time=1)
    OutgoingMail.objects.create(key="k", to="a@example.com", subject="s", text="t", created_at=1)
    Approval.objects.create(
        asked_by_id=trade.account_id, asked_at=1, expires_at=2, model="accounts.account",
        key="100001", action="deposit", title="Deposit", login=100001, currency="USD",
    )  # fmt: skip
    Entry.objects.create(time=1, action="change", model="accounts.account", key="100001")
    SignIn.objects.create(time=1, login=100001, door="api", outcome="OK")


@pytest.fixture
def position(alice: Account, eurusd: Symbol) -> Trade:
    """A lot of EURUSD that Alice bought at 1.1001."""
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)


@pytest.fixture
def pending(alice: Account, eurusd: Symbol) -> Trade:
    """A pending order of Alice: buy at 1.05."""
    return services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=Decimal("1.05")
    )
