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
from tests.backoffice.acts import done, filled, place, refusal, send
from tests.backoffice.conftest import Browser
from tests.conftest import Signed
from trading import book_updates, services
from trading.engine.runner import Engine


@pytest.fixture
def position(alice: Account, eurusd: Symbol) -> Account:
    """Alice with a lot of EURUSD: 1000 EUR, that is 1100.10 USD of margin."""
    services.open_market(login=alice.pk, cmd=0, symbol="EURUSD", volume=100)
    alice.refresh_from_db()
    return alice


def preview(client: Any, account: Account, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    answer = client.post(place(account, "terms"), filled(**fields))
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
def test_a_change_that_calls_or_stops_out_is_warned_of(
    position: Account, mary: User, browser: Browser, leverage: int, warning: str
) -> None:
    _, warnings = preview(browser(mary), position, group=position.group_id, leverage=leverage)
    assert len(warnings) == 1
    assert warning in warnings[0]


def test_a_missing_price_is_said_in_the_preview(
    position: Account, mary: User, browser: Browser
) -> None:
    redis.client().flushall()
    _, warnings = preview(browser(mary), position, group=position.group_id, leverage=50)
    assert "not complete: there is no quote of EURUSD" in warnings[0]


def test_what_was_previewed_is_what_is_done(
    position: Account, mary: User, browser: Browser, signed_in: Signed
) -> None:
    client, data = browser(mary), filled(group=position.group_id, leverage=50)
    first = client.post(place(position, "terms"), data)
    other = data | {"leverage": 20, "previewed": first.context["form"].digest}
    assert client.post(place(position, "terms"), other).context["preview"]
    position.refresh_from_db()
    assert position.leverage == 100
    confirmed = data | {"previewed": first.context["form"].digest}
    assert client.post(place(position, "terms"), confirmed).status_code == 302
    position.refresh_from_db()
    assert position.leverage == 50
    entry = Entry.objects.get()
    assert (entry.action, entry.before["leverage"], entry.after["leverage"]) == ("terms", 100, 50)
    assert signed_in(position).get("/account/balance").json()["margin"] == 2200.2


def test_the_client_is_told_by_a_notification_and_its_new_figures(
    position: Account, mary: User, browser: Browser
) -> None:
    seq = position.seq
    done(browser(mary), place(position, "terms"), group=position.group_id, leverage=50)
    told, balance = AccountEvent.objects.filter(login=100001, seq__gt=seq).order_by("seq")
    assert told.event[:3] == ["n", "Account terms", "Group demo-usd, leverage 1:50."]
    assert balance.event[:4] == ["b", 100001, 10000, Decimal("2200.2")]


def test_the_engines_book_knows_the_new_leverage_and_group_with_its_next_step(
    position: Account,
    mary: User,
    browser: Browser,
    django_capture_on_commit_callbacks: Any,
) -> None:
    strict = factories.group("strict-usd", margin_stopout=900, margin_call=1000)
    engine = Engine()
    engine.load()
    book = engine.margin.book
    place_of = book.accounts.place(100001)
    assert book.margin(place_of) == pytest.approx(1100.1)
    client = browser(mary)
    with django_capture_on_commit_callbacks(execute=True):
        done(client, place(position, "terms"), group=strict.pk, leverage=50)
    assert redis.client().xlen(book_updates.NEWS)
    engine.step()
    assert book.margin(place_of) == pytest.approx(2200.2)
    assert book.accounts.groups[place_of] == strict
    assert book.accounts.data["stop_factor"][place_of] == 9.0


def test_another_currency_is_refused_while_there_is_money_or_an_order(
    alice: Account, bob: Account, mary: User, browser: Browser
) -> None:
    euro = Group.objects.get(name="std-eur")
    answer = send(browser(mary), place(alice, "terms"), group=euro.pk, leverage=100)
    assert "another currency" in refusal(answer)
    alice.refresh_from_db()
    assert alice.group.currency == "USD"


def test_an_empty_account_may_change_its_currency(
    alice: Account, bob: Account, mary: User, browser: Browser
) -> None:
    client, euro = browser(mary), Group.objects.get(name="std-eur")
    done(client, place(alice, "withdraw"), amount="10000")
    done(client, place(alice, "terms"), group=euro.pk, leverage=100)
    alice.refresh_from_db()
    assert alice.group == euro


def test_a_disabled_group_is_refused(alice: Account, mary: User, browser: Browser) -> None:
    closed = factories.group("closed-usd", enabled=False)
    answer = send(browser(mary), place(alice, "terms"), group=closed.pk, leverage=100)
    assert "the group is disabled" in refusal(answer)


def test_nothing_to_change_is_said(alice: Account, mary: User, browser: Browser) -> None:
    answer = send(browser(mary), place(alice, "terms"), group=alice.group_id, leverage=100)
    assert "already" in refusal(answer)


@pytest.mark.parametrize("leverage", ["0", "10001", "-1", "1.5", "x", ""])
def test_an_impossible_leverage_is_refused(
    alice: Account, mary: User, browser: Browser, leverage: str
) -> None:
    answer = send(browser(mary), place(alice, "terms"), group=alice.group_id, leverage=leverage)
    assert "leverage" in refusal(answer)


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
        done(client, place(position, "terms"), group=position.group_id, leverage=5)
    factories.quote("EURUSD", 1.1, 1.1001)
    engine.step()
    position.refresh_from_db()
    assert position.trades.get(cmd=0).activation == 4
