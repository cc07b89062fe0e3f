"""A change that alters live accounts' margin shows whom it would hit before it is saved.

Alice has 10 000 USD and a lot of EURUSD at 1.1001: 1 100.10 of margin, a level of about 909 %.
"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Group, User
from audit.models import Entry
from market.models import Symbol
from tests import factories
from tests.backoffice.fixtures import Browser
from trading import services
from trading.enums import State
from trading.models import MarginAction, Trade

URL = "/admin/market/symbol/EURUSD/change/"


@pytest.fixture
def position(alice: Account, eurusd: Symbol) -> Trade:
    return services.open_market(login=100001, cmd=0, symbol="EURUSD", volume=100)


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """The values of the form with some of them changed, as a browser would send them."""
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields} | {"_reason": "asked"} | changes
    return {name: v for name, v in values.items() if v is not False and v not in (None, "")}


def shown(answer: Any) -> Any:
    """The preview that the answer shows."""
    assert answer.status_code == 200
    assert "impact" in answer.context, answer.context["adminform"].form.errors.as_json()
    return answer.context["impact"]


def confirmed(answer: Any, values: dict[str, Any], reason: str = "the ESMA rule") -> dict[str, Any]:
    """The same values with what the confirmation adds to them."""
    return values | {"_previewed": answer.context["impact_digest"], "_reason": reason}


def divider() -> str:
    return f"{Symbol.objects.get(pk='EURUSD').margin_divider:f}".rstrip("0").rstrip(".")


def test_the_first_save_only_previews_which_accounts_would_be_stopped_out(
    browser: Browser, dan: User, position: Trade
) -> None:
    client = browser(dan)
    answer = client.post(URL, filled(client, URL, margin_divider="20"))
    found = shown(answer)
    assert "Accounts with open positions: 1. The change would stop out 1 of them" in found.summary
    page = answer.content.decode()
    assert "Nothing is saved yet" in page
    assert "Please correct the error" not in page
    assert 'href="/admin/accounts/account/100001/change/"' in page
    margins, accounts = found.tables
    assert margins.rows == [("USD", "1,100.10", "22,002.00", "20,901.90")]
    (row,) = accounts.rows
    assert [str(cell) for cell in row] == [
        "100001", "demo-usd", "stop-out", "908.10 %", "45.40 %", "1,100.10", "22,002.00",
    ]  # fmt: skip
    assert divider() == "1"
    assert not Entry.objects.filter(action="change").exists()
    position.refresh_from_db()
    assert position.state == State.OPEN
    assert not MarginAction.objects.exists()


def test_confirming_saves_and_audits_the_reason(
    browser: Browser, dan: User, position: Trade
) -> None:
    client = browser(dan)
    values = filled(client, URL, margin_divider="20")
    answer = client.post(URL, values)
    assert client.post(URL, confirmed(answer, values)).status_code == 302
    assert divider() == "20"
    entry = Entry.objects.get(action="change")
    assert (entry.staff, entry.key, entry.reason) == (dan, "EURUSD", "the ESMA rule")
    assert entry.before["margin_divider"] in ("1", "1.00000000")
    assert entry.after["margin_divider"] == "20"


def test_a_confirmation_needs_a_reason(browser: Browser, dan: User, position: Trade) -> None:
    client = browser(dan)
    values = filled(client, URL, margin_divider="20")
    answer = client.post(URL, values)
    again = client.post(URL, confirmed(answer, values, reason="  "))
    assert "Say why the change is made." in again.content.decode()
    assert divider() == "1"
    assert client.post(URL, confirmed(again, values)).status_code == 302


def test_values_changed_since_the_preview_are_previewed_again(
    browser: Browser, dan: User, position: Trade
) -> None:
    client = browser(dan)
    values = filled(client, URL, margin_divider="2")
    answer = client.post(URL, values)
    assert "stop out 0 of them" in shown(answer).summary
    worse = confirmed(answer, values) | {"margin_divider": "20"}
    again = client.post(URL, worse)
    assert "stop out 1 of them" in shown(again).summary
    assert divider() == "1"
    assert client.post(URL, confirmed(again, worse)).status_code == 302
    assert divider() == "20"


def test_a_change_saved_meanwhile_is_previewed_again(
    browser: Browser, dan: User, position: Trade
) -> None:
    client = browser(dan)
    values = filled(client, URL, margin_divider="20")
    answer = client.post(URL, values)
    Symbol.objects.filter(pk="EURUSD").update(margin_divider=3)
    again = client.post(URL, confirmed(answer, values))
    assert shown(again).tables[0].rows[0][1] == "3,300.30"
    assert divider() == "3"


@pytest.mark.parametrize(
    "change",
    [
        {"leverage_tiers": "[[null, 5]]"},
        {"margin_divider": "0.5"},
        {"margin_hedged": "50000"},
        {"margin_initial": "500"},
    ],
    ids=str,
)
def test_every_field_that_affects_margin_is_previewed(
    browser: Browser, dan: User, position: Trade, change: dict[str, str]
) -> None:
    client = browser(dan)
    assert shown(client.post(URL, filled(client, URL, **change)))


def test_fields_that_do_not_affect_margin_are_saved_at_once(
    browser: Browser, dan: User, position: Trade
) -> None:
    client = browser(dan)
    answer = client.post(URL, filled(client, URL, stops_level="7", description="x"))
    assert answer.status_code == 302
    assert Symbol.objects.get(pk="EURUSD").stops_level == 7


def test_without_positions_in_the_symbol_it_is_saved_at_once(
    browser: Browser, dan: User, eurusd: Symbol, alice: Account
) -> None:
    client = browser(dan)
    assert client.post(URL, filled(client, URL, margin_divider="20")).status_code == 302
    assert divider() == "20"


def test_without_quotes_the_preview_says_so_and_the_dealer_may_save(
    browser: Browser, dan: User, position: Trade
) -> None:
    factories.remove_quotes()
    client = browser(dan)
    values = filled(client, URL, margin_divider="20")
    answer = client.post(URL, values)
    found = shown(answer)
    assert "Not known of 1 accounts" in found.warnings[0]
    assert "EURUSD" in found.warnings[0]
    assert client.post(URL, confirmed(answer, values)).status_code == 302
    assert divider() == "20"


def test_a_group_is_previewed_for_administrators(
    browser: Browser, admin: User, position: Trade, bob: Account
) -> None:
    client = browser(admin)
    url = f"/admin/accounts/group/{position.account.group_id}/change/"
    values = filled(client, url, margin_call="1000", margin_stopout="60")
    answer = client.post(url, values)
    (row,) = shown(answer).tables[1].rows
    assert [str(cell) for cell in row[:4]] == ["100001", "demo-usd", "margin call", "908.10 %"]
    assert Group.objects.get(name="demo-usd").margin_call == 100
    assert client.post(url, confirmed(answer, values)).status_code == 302
    assert Group.objects.get(name="demo-usd").margin_call == 1000
    assert Entry.objects.get(action="change").reason == "the ESMA rule"


def test_a_scoped_dealer_sees_only_accounts_of_its_groups(
    browser: Browser, dan: User, position: Trade, bob: Account
) -> None:
    services.open_market(login=100002, cmd=0, symbol="EURUSD", volume=100)
    User.objects.filter(pk=dan.pk).update(managed_groups="std-*")
    client = browser(dan)
    answer = client.post(URL, filled(client, URL, margin_divider="20"))
    found = shown(answer)
    assert "positions: 2." in found.summary
    rows = found.tables[1]
    assert [str(row[0]) for row in rows.rows] == ["100002"]
    assert "In groups that you do not see: 1" in rows.note
    assert "100001" not in answer.content.decode()


def test_the_worst_100_accounts_are_listed_first(
    browser: Browser, dan: User, eurusd: Symbol
) -> None:
    group = factories.group("demo-usd")
    for number in range(103):
        factories.client(600_000 + number, group, deposit=str(2000 + number))
        services.open_market(login=600_000 + number, cmd=0, symbol="EURUSD", volume=100)
    client = browser(dan)
    found = shown(client.post(URL, filled(client, URL, margin_divider="5")))
    table = found.tables[1]
    assert [str(row[0]) for row in table.rows] == [str(600_000 + n) for n in range(100)]
    assert "The worst 100 of 103" in table.note


def test_support_cannot_preview(browser: Browser, carol: User, position: Trade) -> None:
    answer = browser(carol).post(URL, {"margin_divider": "20"})
    assert answer.status_code == 403
