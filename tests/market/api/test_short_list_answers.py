"""The short list is written once for a group and second, and never shows what has changed."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account
from core import clock
from market.api import short_list
from market.models import Symbol
from market.schedules import DAYS, Schedule
from tests import factories
from tests.conftest import Signed


@pytest.fixture(autouse=True)
def _one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a test happens in one second, in which an answer is kept."""
    second = clock.now()
    monkeypatch.setattr(short_list, "now", lambda: second)


def rows(client: Any) -> dict[str, dict[str, Any]]:
    table = client.get("/market/short/list").json()["assets"]
    found = (dict(zip(table["structure"], row, strict=True)) for row in table["rows"])
    return {row["symbol"]: row for row in found}


def test_clients_of_a_group_get_the_same_answer(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    mate = factories.client(100009, alice.group)
    assert rows(signed_in(alice)) == rows(signed_in(mate))
    assert len(short_list._answers) == 1


def test_a_new_quote_is_seen(alice: Account, eurusd: Symbol, signed_in: Signed) -> None:
    client = signed_in(alice)
    assert rows(client)["EURUSD"]["bid"] == 1.1
    factories.quote("EURUSD", 1.25, 1.2502)
    assert rows(client)["EURUSD"]["bid"] == 1.25


def test_what_the_group_hides_is_seen(alice: Account, eurusd: Symbol, signed_in: Signed) -> None:
    client = signed_in(alice)
    assert "EURUSD" in rows(client)
    type(alice.group).objects.filter(pk=alice.group_id).update(hidden_symbols="EUR*")
    assert "EURUSD" not in rows(client)


def test_a_changed_symbol_and_schedule_are_seen(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    assert rows(client)["EURUSD"]["market_state"] == 1
    eurusd.lot_max = 5
    eurusd.save()
    assert Decimal(rows(client)["EURUSD"]["lot_max"]) == 5
    never: dict[str, Any] = dict.fromkeys(DAYS, "")
    eurusd.schedule = Schedule.objects.create(name="never", **never)
    eurusd.save()
    assert rows(client)["EURUSD"]["market_state"] == 0


def test_groups_with_other_hidden_symbols_have_answers_of_their_own(
    alice: Account, bob: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    type(bob.group).objects.filter(pk=bob.group_id).update(hidden_symbols="EUR*")
    assert "EURUSD" in rows(signed_in(alice))
    assert "EURUSD" not in rows(signed_in(bob))
    assert "EURUSD" in rows(signed_in(alice))
