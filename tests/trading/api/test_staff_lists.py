"""Staff's lists of accounts: whose they see, and figures that are the clients' own."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from market.models import Symbol
from tests import factories
from tests.conftest import Signed
from trading import services
from trading.enums import Cmd

LISTS = ("/accounts", "/balances/list", "/margin_call")
PAGE = {"limit": 100, "offset": 0}


@pytest.fixture
def accounts(alice: Account, bob: Account, eurusd: Symbol) -> list[Account]:
    """Alice and Bob with positions, both called."""
    for account in (alice, bob):
        services.open_market(login=account.login, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    services.open_market(login=alice.login, cmd=Cmd.SELL, symbol="EURUSD", volume=30)
    Account.objects.update(margin_called=True)
    return [alice, bob]


def rows_of(client: Any, path: str, **query: object) -> list[dict[str, Any]]:
    answer = client.get(path, PAGE | query)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return [dict(zip(body["structure"], row, strict=True)) for row in body["rows"]]


@pytest.mark.parametrize("path", ["/balances/list", "/margin_call"])
def test_the_figures_are_those_that_each_client_sees(
    signed_in: Signed, carol: User, accounts: list[Account], path: str
) -> None:
    rows = {row["login"]: row for row in rows_of(signed_in(carol), path)}
    for account in accounts:
        own = signed_in(account).get("/account/balance").json()
        row = rows[account.login]
        assert {name: own[name] for name in row if name in own} == {
            name: row[name] for name in row if name in own
        }
    assert len(rows) == 2


@pytest.mark.parametrize("path", LISTS)
def test_limited_staff_see_the_accounts_of_their_groups_alone(
    signed_in: Signed, carol: User, accounts: list[Account], path: str
) -> None:
    User.objects.filter(pk=carol.pk).update(managed_groups="std-*")
    carol.refresh_from_db()
    client = signed_in(carol)
    assert [row["login"] for row in rows_of(client, path)] == [100002]
    assert client.get(path, PAGE).json()["count"] == 1
    assert rows_of(client, path, where='[["login","==",100001]]') == []
    assert client.get(path, PAGE | {"login": 100001}).status_code == 403


def test_margin_calls_are_filtered_and_sorted_by_computed_figures(
    signed_in: Signed, carol: User, accounts: list[Account]
) -> None:
    factories.quote("EURUSD", 1.09, 1.0901)
    client = signed_in(carol)
    rows = rows_of(client, "/margin_call", orderBy='[["equity","asc"]]')
    assert [row["login"] for row in rows] == [100002, 100001]
    least = rows[1]["equity"]
    found = rows_of(client, "/margin_call", where=f'[["equity",">=",{least}]]')
    assert [row["login"] for row in found] == [100001]
    Account.objects.filter(pk=100001).update(margin_called=False)
    assert [row["login"] for row in rows_of(client, "/margin_call")] == [100002]


def test_accounts_are_filtered_by_what_is_stored(
    signed_in: Signed, carol: User, accounts: list[Account], eve: Account
) -> None:
    client = signed_in(carol)
    assert [row["login"] for row in rows_of(client, "/accounts")] == [100001, 100002, 100003]
    disabled = rows_of(client, "/accounts", where='[["enable","==",0]]')
    assert [row["name"] for row in disabled] == ["Eve"]
    found = rows_of(client, "/accounts", where='[["name","like","%b%"]]')
    assert [(row["login"], row["currency"], D(str(row["balance"]))) for row in found] == [
        (100002, "EUR", D(10000))
    ]


@pytest.mark.parametrize("path", LISTS)
def test_the_statements_do_not_grow_with_the_accounts(
    signed_in: Signed, carol: User, accounts: list[Account], path: str
) -> None:
    client, counts = signed_in(carol), []
    for login in (100010, 100011, 100012):
        with CaptureQueriesContext(connection) as captured:
            rows_of(client, path)
        counts.append(len(captured))
        factories.client(login, accounts[0].group)
        Account.objects.update(margin_called=True)
    assert len(set(counts[1:])) == 1
