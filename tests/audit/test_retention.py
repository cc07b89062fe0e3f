from typing import Any

import pytest

from audit import audit_retention
from audit.models import Entry, SignIn
from audit.tasks import prune_sign_ins
from config.beat_schedule import SCHEDULE
from core.clock import now_ms

DAY = 86_400_000


@pytest.fixture(autouse=True)
def _rows(db: None, settings: Any) -> None:
    settings.SIGN_IN_DAYS = 30
    for days in (0, 29, 31, 400):
        time = now_ms() - days * DAY
        SignIn.objects.create(time=time, login=days, door="api", outcome="OK")
        Entry.objects.create(time=time, action="x")


def left() -> set[int]:
    return set(SignIn.objects.values_list("login", flat=True))


def test_old_sign_ins_are_deleted() -> None:
    prune_sign_ins()
    assert left() == {0, 29}


def test_audit_entries_are_never_pruned() -> None:
    prune_sign_ins()
    assert Entry.objects.count() == 4


def test_zero_days_delete_nothing(settings: Any) -> None:
    settings.SIGN_IN_DAYS = 0
    assert audit_retention.delete_old_sign_ins() == 0
    assert left() == {0, 29, 31, 400}


def test_many_sign_ins_are_deleted_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_retention, "CHUNK_ROWS", 1)
    assert audit_retention.delete_old_sign_ins() == 2
    assert left() == {0, 29}


def test_beat_prunes_every_day() -> None:
    assert SCHEDULE["audit.prune_sign_ins"]["schedule"] == 86_400.0
    assert SCHEDULE["door.prune_sessions"]["schedule"] == 86_400.0
