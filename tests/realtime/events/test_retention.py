"""The event log is pruned after EVENT_LOG_DAYS, without gaps; each login's newest event stays."""

from io import StringIO

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Account
from core.clock import now
from realtime.events import event_log, retention
from realtime.models import AccountEvent
from realtime.tasks import prune_events
from tests.realtime.conftest import Connect, append_events

DAY = 86_400  # seconds


@pytest.fixture(autouse=True)
def ten_days(settings: Settings) -> None:
    settings.EVENT_LOG_DAYS = 10


def aged(login: int, *days: float) -> None:
    """Append one event for each age, in days."""
    append_events(login, *days)
    for seq, age in enumerate(days, 1):
        AccountEvent.objects.filter(login=login, seq=seq).update(time=now() - int(age * DAY))


def stored_seqs(login: int) -> list[int]:
    return [event.seq for event in event_log.events_since(login, 0, 10_000)]


def test_older_events_are_deleted(alice: Account, bob: Account) -> None:
    aged(alice.login, 30, 10.1, 9.9, 0)
    aged(bob.login, 9, 8)
    prune_events()
    assert stored_seqs(alice.login) == [3, 4]
    assert stored_seqs(bob.login) == [1, 2]


def test_the_newest_event_stays_until_a_newer_one_follows(alice: Account) -> None:
    aged(alice.login, 30, 20, 11)
    prune_events()
    assert stored_seqs(alice.login) == [3]
    assert event_log.newest_seqs([alice.login]) == {alice.login: 3}
    append_events(alice.login, "next")
    prune_events()
    assert stored_seqs(alice.login) == [4]


def test_a_clock_that_went_back_leaves_no_gap(alice: Account) -> None:
    aged(alice.login, 30, 9, 11, 8)
    prune_events()
    assert stored_seqs(alice.login) == [2, 3, 4]


def test_a_long_log_is_deleted_in_portions_oldest_first(
    alice: Account, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in (alice, bob):
        append_events(account.login, *range(25))
    AccountEvent.objects.filter(seq__lte=20).update(time=0)
    two = {"logins": [alice.login, bob.login], "seqs": [21, 21]}
    small = retention.PRUNE.replace(f"LIMIT {retention.ROWS}", "LIMIT 7")
    monkeypatch.setattr(retention, "PRUNE", small)
    with connection.cursor() as cursor:
        cursor.execute(small, two)
        assert cursor.rowcount == 7
    assert stored_seqs(alice.login) == list(range(8, 26))
    assert retention.prune_event_log() == 33
    assert stored_seqs(alice.login) == stored_seqs(bob.login) == list(range(21, 26))


def test_events_of_every_login_are_pruned(
    alice: Account, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOGINS", 1)
    for account in (alice, bob):
        aged(account.login, 30, 20, 1)
    assert retention.prune_event_log() == 4


def test_zero_days_delete_nothing(alice: Account, settings: Settings) -> None:
    settings.EVENT_LOG_DAYS = 0
    aged(alice.login, 30_000, 20_000, 0)
    prune_events()
    assert stored_seqs(alice.login) == [1, 2, 3]
    assert command_output() == "EVENT_LOG_DAYS=0: every event is kept\n"


def command_output(*options: str) -> str:
    output = StringIO()
    call_command("prune_events", *options, stdout=output)
    return output.getvalue()


def test_the_command_counts_first_and_then_deletes(alice: Account) -> None:
    aged(alice.login, 30, 20, 1)
    assert command_output("--dry-run") == "2 events would be deleted\n"
    assert stored_seqs(alice.login) == [1, 2, 3]
    assert command_output() == "2 events were deleted\n"
    assert command_output() == "0 events were deleted\n"
    assert stored_seqs(alice.login) == [3]


def test_a_socket_that_resumes_from_before_the_log_gets_resync(
    client: Connect, alice: Account
) -> None:
    aged(alice.login, 30, 20, 15, 1)
    prune_events()
    socket = client(alice)
    assert socket.ask({"event": "resume", "since": 2}) == {"event": "resync"}
    append_events(alice.login, "later")
    assert socket.receive()["seq"] == 5
    other = client(alice)
    other.send({"event": "resume", "since": 3})
    frames = other.receive_until(lambda f: "success" in f)
    assert [f["seq"] for f in frames] == [4, 5, 5]


def test_beat_prunes_events_once_a_day() -> None:
    assert configured.CELERY_BEAT_SCHEDULE[prune_events.name]["schedule"] == DAY
