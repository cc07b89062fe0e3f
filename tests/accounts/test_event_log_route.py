"""The account's event log over REST."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Account, User
from realtime.events import event_log
from realtime.events.types import EventCode, NotificationEvent
from realtime.models import AccountEvent
from tests.conftest import Signed, error_of
from trading.enums import Cmd
from trading.services import ledger


def changes(client: Any, since: int, **query: int) -> dict[str, Any]:
    answer = client.get("/account/changes", {"since": since, **query})
    assert answer.status_code == 200, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def notes(account: Account, count: int) -> None:
    """Append that many events in one transaction."""
    event = NotificationEvent("hello", "", "LIVE_DATA", 0, 10, account.login, 0, {}, EventCode.ADD)
    with transaction.atomic():
        event_log.append_events(Account.objects.locked(account.login), *[event] * count)


def test_events_are_listed_in_order_with_seq_and_time(signed_in: Signed, alice: Account) -> None:
    body = changes(signed_in(alice), 0)  # of the deposit
    assert body["structure"] == ["seq", "time", "event"]
    assert [row[0] for row in body["rows"]] == [1, 2]
    assert [row[2][0] for row in body["rows"]] == ["o", "b"]
    stored = AccountEvent.objects.get(login=alice.login, seq=2)
    assert body["rows"][1][1] == stored.time
    assert body["rows"][1][2][:3] == ["b", alice.login, 10000]
    assert (body["last_seq"], body["more"]) == (2, 0)


def test_only_events_after_since_are_listed(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    assert [row[0] for row in changes(client, 1)["rows"]] == [2]
    assert changes(client, 2) == {
        "structure": ["seq", "time", "event"], "rows": [], "last_seq": 2, "more": 0,
    }  # fmt: skip
    ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_OUT, amount=D(1))
    assert [row[2][0] for row in changes(client, 2)["rows"]] == ["o", "b"]


def test_a_call_answers_at_most_1000_events_and_the_next_call_continues(
    signed_in: Signed, alice: Account
) -> None:
    notes(alice, 1500)
    client = signed_in(alice)
    first = changes(client, 0)
    assert (len(first["rows"]), first["last_seq"], first["more"]) == (1000, 1000, 1)
    second = changes(client, first["last_seq"])
    assert (len(second["rows"]), second["last_seq"], second["more"]) == (502, 1502, 0)


def test_exactly_1000_events_leave_no_more_to_read(signed_in: Signed, alice: Account) -> None:
    notes(alice, 998)
    body = changes(signed_in(alice), 0)
    assert (len(body["rows"]), body["last_seq"], body["more"]) == (1000, 1000, 0)


def test_a_since_beyond_the_log_is_answered_with_the_last_seq(
    signed_in: Signed, alice: Account
) -> None:
    body = changes(signed_in(alice), 99)
    assert (body["rows"], body["last_seq"]) == ([], 2)


def test_a_since_older_than_the_log_gets_resync_and_the_stored_events(
    signed_in: Signed, alice: Account
) -> None:
    notes(alice, 4)
    AccountEvent.objects.filter(login=alice.login, seq__lte=3).delete()
    client = signed_in(alice)
    body = changes(client, 2)
    assert ([row[0] for row in body["rows"]], body["resync"]) == ([4, 5, 6], 1)
    assert (body["last_seq"], body["more"]) == (6, 0)
    assert "resync" not in changes(client, 3)
    assert "resync" not in changes(client, 6)


def test_another_logins_events_are_not_shown(
    signed_in: Signed, alice: Account, bob: Account
) -> None:
    notes(bob, 3)
    assert len(changes(signed_in(alice), 0)["rows"]) == 2
    foreign = signed_in(alice).get(f"/account/changes?since=0&login={bob.login}")
    assert error_of(foreign) == (403, "PERMISSION_DENIED")


def test_staff_read_events_by_naming_the_login(
    signed_in: Signed, alice: Account, carol: User
) -> None:
    client = signed_in(carol)
    assert error_of(client.get("/account/changes?since=0")) == (400, "INVALID_LOGIN")
    assert len(changes(client, 0, login=alice.login)["rows"]) == 2
    assert error_of(client.get("/account/changes?since=0&login=5")) == (400, "INVALID_USER")


@pytest.mark.parametrize(
    "query", ["", "since=", "since=-1", "since=x", "since=1.5", f"since={2**63}"]
)
def test_a_bad_since_is_refused(signed_in: Signed, alice: Account, query: str) -> None:
    assert error_of(signed_in(alice).get(f"/account/changes?{query}")) == (400, "INVALID_DATA")


def test_the_event_log_is_read_in_two_queries(
    signed_in: Signed, alice: Account, django_assert_num_queries: Any
) -> None:
    client = signed_in(alice)
    with django_assert_num_queries(2):
        changes(client, 0)
