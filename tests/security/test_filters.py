"""No filter, order or page of a table leads to a row of another login."""

import json
from itertools import product
from typing import Any

import pytest

from accounts.models import Account
from market.models import Symbol
from tests.conftest import Signed, error_of
from trading import services
from trading.enums import Cmd

ALICE, BOB = 100001, 100002
FILTERS: dict[str, Any] = {
    "where is": {"where": [["login", "==", ALICE]]},
    "where is not": {"where": [["login", "!=", BOB]]},
    "where from": {"where": [["login", ">=", 0]]},
    "where up to": {"where": [["order", "<=", 10**9]]},
    "where not": {"whereNot": [["login", BOB]]},
    "in": {"whereIn": [["login", [ALICE, BOB]]]},
    "not in": {"whereNotIn": [["login", [BOB]]]},
    "between": {"whereBetween": [["login", [0, 10**9]]]},
    "not between": {"whereNotBetween": [["login", [BOB, BOB]]]},
    "like": {"where": [["comment", "like", "%"]]},
    "ordered": {"orderBy": [["login", "asc"]]},
    "two that exclude each other": {"where": [["login", "==", ALICE], ["login", "==", BOB]]},
    "text that would be SQL": {"where": [["comment", "like", "%' OR login = 100001 --"]]},
}


@pytest.fixture
def trades(alice: Account, bob: Account, eurusd: Symbol) -> None:
    for login in (ALICE, ALICE, BOB):
        open_ = services.open_market(
            login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=10, comment=f"of {login}"
        )
        if login == ALICE:
            services.close_position(login=login, order=open_.order)
    services.open_market(login=ALICE, cmd=Cmd.SELL, symbol="EURUSD", volume=10)


@pytest.mark.usefixtures("trades")
def test_filters_find_no_rows_of_another_login(
    bob: Account, signed_in: Signed, subtests: pytest.Subtests
) -> None:
    client = signed_in(bob)
    for (name, asked), kind in product(FILTERS.items(), range(5)):
        body: Any = json.dumps({"limit": 100, "offset": 0, "tradeType": kind, **asked})
        with subtests.test(f"{name}, {kind}"):
            answer = client.generic("GET", "/trades", body, "application/json")
            assert answer.status_code == 200, answer.content
            found = answer.json()
            logins = {row[found["structure"].index("login")] for row in found["rows"]}
            assert logins <= {BOB}
            assert found["count"] == len(found["rows"]), "what is counted is the own as well"


@pytest.mark.usefixtures("trades")
def test_columns_outside_the_table_cannot_be_filtered(
    bob: Account, signed_in: Signed, subtests: pytest.Subtests
) -> None:
    client = signed_in(bob)
    for field in (
        "account", "account_id", "account__user__password", "staff", "pk", "user", "seen",
    ):  # fmt: skip
        for name, value in (("where", [[field, "==", 1]]), ("orderBy", [[field, "asc"]])):
            body: Any = json.dumps({"limit": 100, "offset": 0, "tradeType": 0, name: value})
            with subtests.test(f"{name} {field}"):
                answer = client.generic("GET", "/trades", body, "application/json")
                assert error_of(answer) == (400, "INVALID_DATA")


@pytest.mark.usefixtures("trades")
def test_another_logins_order_number_gives_access_to_nothing(
    bob: Account, signed_in: Signed
) -> None:
    from trading.models import Trade

    client = signed_in(bob)
    orders = list(Trade.objects.filter(account=ALICE).values_list("order", flat=True))
    for order in orders:
        assert error_of(client.get(f"/trade/explain/{order}"))[0] in (403, 404)
        assert error_of(client.delete("/trade/close", {"order": order}))[0] in (403, 404)
        assert error_of(client.delete("/trade/cancel", {"order": order}))[0] in (403, 404)
        for path in ("open", "pending"):
            answer = client.put(f"/trade/modify/{path}", {"order": order, "sl": 1.0})
            assert error_of(answer)[0] in (403, 404)
