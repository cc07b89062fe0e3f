"""Changing an account's group or leverage: previewed, validated, announced."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, Group, User
from audit.models import Entry
from core import redis
from market.models import Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.backoffice.actions.account_actions import (
    action_url,
    execute_form,
    form_data,
    post_form,
    refusal_text,
)
from tests.backoffice.fixtures import Browser
from tests.conftest import Signed
from trading import book_updates, services
from trading.engine.engine import Engine


@pytest.fixture
def position(alice: Account, eurusd: Symbol) -> Account:
    """Alice with a lot of EURUSD: 1000 EUR, that is 1100.10 USD of margin."""
    services.open_market(login=alice.pk, cmd=0, symbol="EURUSD", volume=100)
    alice.refresh_from_db()
    return alice


def preview(client: Any, account: Account, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    answer = client.post(action_url(account, "terms"), form_data(**fields))
    assert answer.context["preview"], answer.context["form"].errors
    rows = {name: (before, after) for name, before, after in answer.context["preview"].rows}
    return rows, answer.context["preview"].warnings


def test_a_change_of_leverage_is_previewed_and_nothing_is_changed_yet(
    position: Account, mary: User, browser: Browser
) -> None:
    rows, warnings = preview(browser(mary), position, group=position.group_id, leverage=50)
    assert rows == {
        "group": ("demo-usd", "demo-usd"),
        "leverage": ("1:100", "1:50"),
        "equity": ("9,990.00", "9,990.00"),
        "margin": ("1,100.10", "2,200.20"),
        "free margin": ("8,889.90", "7,789.80"),
        "margin level": ("908.10 %", "454.05 %"),
        "state": ("ok", "ok"),
    }
    assert warnings == []
    position.refresh_from_db()
    assert position.leverage == 100
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("leverage", "warning"), [(10, "below its margin call"), (5, "stops the account out")]
)
def test_the_preview_warns_of_a_margin_call_or_stop_out(
    position: Account, mary: User, browser: Browser, leverage: int, warning: str
) -> None:
    _, warnings = preview(browser(mary), position, group=position.group_id, leverage=leverage)
    assert len(warnings) == 1
    assert warning in warnings[0]


def test_the_preview_names_a_missing_price(position: Account, mary: User, browser: Browser) -> None:
    redis.sync_client().flushall()
    _, warnings = preview(browser(mary), position, group=position.group_id, leverage=50)
    assert "not complete: there is no quote of EURUSD" in warnings[0]


def test_only_the_previewed_change_is_carried_out(
    position: Account, mary: User, browser: Browser, signed_in: Signed
) -> None:
    client, data = browser(mary), form_data(group=position.group_id, leverage=50)
    first = client.post(action_url(position, "terms"), data)
    other = data | {"leverage": 20, "previewed": first.context["form"].digest}
    assert client.post(action_url(position, "terms"), other).context["preview"]
    position.refresh_from_db()
    assert position.leverage == 100
    confirmed = data | {"previewed": first.context["form"].digest}
    assert client.post(action_url(position, "terms"), confirmed).status_code == 302
    position.refresh_from_db()
    assert position.leverage == 50
    entry = Entry.objects.get()
    assert (entry.action, entry.before["leverage"], entry.after["leverage"]) == ("terms", 100, 50)
    assert signed_in(position).get("/account/balance").json()["margin"] == 2200.2


def test_the_client_gets_a_notification_and_its_new_figures(
    position: Account, mary: User, browser: Browser
) -> None:
    seq = position.seq
    execute_form(browser(mary), action_url(position, "terms"), group=position.group_id, leverage=50)
    notice, balance = AccountEvent.objects.filter(login=100001, seq__gt=seq).order_by("seq")
    assert notice.event[:3] == ["n", "Account terms", "Group demo-usd, leverage 1:50."]
    assert balance.event[:4] == ["b", 100001, 10000, Decimal("2200.2")]


def test_the_engine_has_the_new_terms_after_its_next_step(
    position: Account,
    mary: User,
    browser: Browser,
    django_capture_on_commit_callbacks: Any,
) -> None:
    strict = factories.group("strict-usd", margin_stopout=900, margin_call=1000)
    engine = Engine()
    engine.load()
    book = engine.margin.book
    place_of = book.accounts.index_of(100001)
    assert book.margin_of(place_of) == pytest.approx(1100.1)
    client = browser(mary)
    with django_capture_on_commit_callbacks(execute=True):
        execute_form(client, action_url(position, "terms"), group=strict.pk, leverage=50)
    assert redis.sync_client().xlen(book_updates.BOOK_STREAM)
    engine.step()
    assert book.margin_of(place_of) == pytest.approx(2200.2)
    assert book.accounts.groups[place_of] == strict
    assert book.accounts.data["stop_factor"][place_of] == 9.0


def test_another_currency_is_refused_with_a_balance_or_an_order(
    alice: Account, bob: Account, mary: User, browser: Browser
) -> None:
    euro = Group.objects.get(name="std-eur")
    answer = post_form(browser(mary), action_url(alice, "terms"), group=euro.pk, leverage=100)
    assert "another currency" in refusal_text(answer)
    alice.refresh_from_db()
    assert alice.group.currency == "USD"


def test_an_empty_account_may_change_its_currency(
    alice: Account, bob: Account, mary: User, browser: Browser
) -> None:
    client, euro = browser(mary), Group.objects.get(name="std-eur")
    execute_form(client, action_url(alice, "withdraw"), amount="10000")
    execute_form(client, action_url(alice, "terms"), group=euro.pk, leverage=100)
    alice.refresh_from_db()
    assert alice.group == euro


def test_a_disabled_group_is_refused(alice: Account, mary: User, browser: Browser) -> None:
    closed = factories.group("closed-usd", enabled=False)
    answer = post_form(browser(mary), action_url(alice, "terms"), group=closed.pk, leverage=100)
    assert "the group is disabled" in refusal_text(answer)


def test_unchanged_terms_are_refused(alice: Account, mary: User, browser: Browser) -> None:
    answer = post_form(
        browser(mary), action_url(alice, "terms"), group=alice.group_id, leverage=100
    )
    assert "already" in refusal_text(answer)


@pytest.mark.parametrize("leverage", ["0", "10001", "-1", "1.5", "x", ""])
def test_an_impossible_leverage_is_refused(
    alice: Account, mary: User, browser: Browser, leverage: str
) -> None:
    answer = post_form(
        browser(mary), action_url(alice, "terms"), group=alice.group_id, leverage=leverage
    )
    assert "leverage" in refusal_text(answer)


def test_a_stop_out_follows_at_the_next_quote(
    position: Account,
    mary: User,
    browser: Browser,
    django_capture_on_commit_callbacks: Any,
) -> None:
    engine = Engine()
    engine.load()
    client = browser(mary)
    with django_capture_on_commit_callbacks(execute=True):
        execute_form(client, action_url(position, "terms"), group=position.group_id, leverage=5)
    factories.quote("EURUSD", 1.1, 1.1001)
    engine.step()
    position.refresh_from_db()
    assert position.trades.get(cmd=0).activation == 4
