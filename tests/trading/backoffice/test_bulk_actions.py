"""Dealers close and cancel all of a client or of a symbol, and pause a symbol."""

import re

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from market.enums import TradeMode
from market.models import Symbol
from tests import factories
from tests.backoffice.actions.trade_actions import form_errors, submit_action
from tests.backoffice.fixtures import Browser
from tests.trading.backoffice.list_reader import shown
from trading import errors, services
from trading.backoffice.actions import bulk_actions
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.unit import portions

ALICE = "/admin/accounts/account/100001/"
EURUSD = "/admin/market/symbol/EURUSD/"


@pytest.fixture
def dealer(dan: User, book: dict[str, Trade], browser: Browser) -> Client:
    return browser(dan)


def open_orders() -> set[int]:
    return set(Trade.objects.live().values_list("order", flat=True))


def test_all_positions_of_a_client_are_closed(dealer: Client, book: dict[str, Trade]) -> None:
    url = f"{ALICE}do/close-all/"
    assert url in dealer.get(f"{ALICE}change/").content.decode()
    page = dealer.get(url)
    form = page.context["form"]["form"].value()
    asked = dealer.post(url, {"reason": "asked by phone", "form": form})
    [(name, before, after)] = asked.context["preview"].rows
    assert (name, after) == ("Open positions", "none")
    assert before.startswith("currency USD, trades 1, lots 0.60, profit 594.00")
    assert book["long"].order in open_orders()
    submit_action(dealer, url, reason="asked by phone", comment="as asked")
    assert open_orders() == {book["short"].order, book["pending"].order}
    book["long"].refresh_from_db()
    assert (book["long"].staff_id, book["long"].comment) == (2, "as asked")
    entry = Entry.objects.get(action="close-all")
    assert (entry.login, entry.reason) == (100001, "asked by phone")
    assert url not in dealer.get(f"{ALICE}change/").content.decode()
    assert not list(find_differences())


def test_all_orders_of_a_client_are_cancelled(dealer: Client, book: dict[str, Trade]) -> None:
    Account.objects.filter(pk=100001).update(enable_read_only=True)  # which stops no dealer
    submit_action(dealer, f"{ALICE}do/cancel-all/", reason="asked by phone")
    assert open_orders() == {book["short"].order, book["long"].order}
    book["pending"].refresh_from_db()
    assert (book["pending"].state, book["pending"].staff_id) == (State.DELETED, 2)


def test_all_positions_of_a_symbol_are_closed_once(dealer: Client, book: dict[str, Trade]) -> None:
    url = f"{EURUSD}do/close-positions/"
    form = dealer.get(url).context["form"]["form"].value()
    asked = dealer.post(url, {"reason": "delisted", "form": form})
    assert [row[1].split(", ")[0] for row in asked.context["preview"].rows] == [
        "currency EUR", "currency USD",
    ]  # fmt: skip
    summary = asked.context["preview"].summary
    assert summary == "This closes 2 open positions of all clients in EURUSD."
    previewed = asked.context["form"]["previewed"].value()
    for _ in range(2):
        answer = dealer.post(url, {"reason": "delisted", "form": form, "previewed": previewed})
        assert answer.status_code in (302, 403)
    assert open_orders() == {book["pending"].order}
    entries = Entry.objects.filter(action="close-positions")
    assert sorted((entry.key, entry.login) for entry in entries) == [
        ("100001", 100001), ("100002", 100002), ("EURUSD", None),
    ]  # fmt: skip
    assert entries.get(key="100001").after["orders"] == [book["long"].order]
    assert not list(find_differences())


FAILING = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'terminated' USING ERRCODE = 'admin_shutdown'; END$$;
CREATE TRIGGER fail BEFORE UPDATE ON trading_trade FOR EACH ROW
    WHEN (NEW.login = 100002) EXECUTE FUNCTION fail();
"""


def test_what_was_closed_before_a_failure_is_audited(
    dealer: Client, book: dict[str, Trade], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "PORTION", 1)
    with connection.cursor() as cursor:
        cursor.execute(FAILING)
    dealer.raise_request_exception = False
    answer = submit_action(dealer, f"{EURUSD}do/close-positions/", reason="delisted")
    assert answer.status_code == 503
    assert open_orders() == {book["short"].order, book["pending"].order}
    first, second = Entry.objects.filter(action="close-positions").order_by("id")
    assert (first.key, first.reason) == ("EURUSD", "delisted")
    assert (second.login, second.staff_id, second.reason) == (100001, 2, "delisted")
    assert second.after == {"symbol": "EURUSD", "orders": [book["long"].order]}


def test_nothing_is_closed_whose_audit_entry_cannot_be_written(
    dealer: Client, book: dict[str, Trade]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry ADD CHECK (login IS DISTINCT FROM 100001)")
    submit_action(dealer, f"{EURUSD}do/close-positions/", reason="delisted")
    assert open_orders() == {book["long"].order, book["pending"].order}
    entries = Entry.objects.filter(action="close-positions", login__isnull=False)
    assert [entry.login for entry in entries] == [100002]


def test_limited_staff_close_only_what_they_see(
    dan: User, book: dict[str, Trade], browser: Browser
) -> None:
    User.objects.filter(pk=dan.pk).update(managed_groups="std-*")
    dealer = browser(dan)
    submit_action(dealer, f"{EURUSD}do/close-positions/", reason="delisted")
    assert shown(dealer, kind="open") == []
    assert open_orders() == {book["long"].order, book["pending"].order}
    refused = submit_action(dealer, f"{EURUSD}do/cancel-orders/", reason="delisted")
    assert "There is no pending order." in form_errors(refused)


def test_what_cannot_be_closed_is_named_and_left(
    dealer: Client, book: dict[str, Trade], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "MAX_ORDERS", 1)
    submit_action(dealer, f"{EURUSD}do/close-positions/", reason="delisted")
    assert open_orders() == {book["short"].order, book["pending"].order}
    Symbol.objects.filter(pk="EURUSD").update(quote_timeout=1)
    factories.quote("EURUSD", 1.1, 1.1001, received=1)
    submit_action(dealer, f"{EURUSD}do/close-positions/", reason="delisted")
    message = dealer.get(EURUSD + "change/").content.decode()
    assert f"Not so 1: order {book['short'].order}: The last quote of EURUSD is too old" in message
    assert book["short"].order in open_orders()


def test_a_symbol_is_paused_and_resumed_with_a_reason(
    dealer: Client, book: dict[str, Trade]
) -> None:
    assert "/EURUSD/do/pause/" in dealer.get("/admin/market/symbol/").content.decode()
    submit_action(dealer, f"{EURUSD}do/pause/", trade="0", reason="no liquidity")
    assert Symbol.objects.get(pk="EURUSD").trade == TradeMode.NO
    with pytest.raises(errors.TradeDisabled):
        services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=1)
    assert dealer.get(f"{EURUSD}do/pause/").status_code == 403
    entry = Entry.objects.get(action="pause")
    assert (entry.reason, entry.before["trading"], entry.after["trading"]) == (
        "no liquidity", "enabled", "disabled",
    )  # fmt: skip
    page = dealer.get("/admin/market/symbol/").content.decode()
    assert re.search(r'<td class="[^"]*\bbad\b[^"]*" data-label="Trading">disabled</td>', page)
    submit_action(dealer, f"{EURUSD}do/resume/", reason="they quote again")
    assert services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=1).order
