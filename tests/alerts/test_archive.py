"""Old logs move into CSV files: none is lost wherever a run dies, and none is written twice."""

import csv
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from alerts import log_archive
from alerts.deliveries import resend
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog, DayTotal
from alerts.querysets import AlertLogQuerySet
from alerts.tasks import prune_logs
from config.beat_schedule import SCHEDULE
from core.clock import now, now_ms
from tests.alerts.small_feed import Feed

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def logs(feed: Feed, alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seven logs: five are eleven days old, two are of today; three rows make a file."""
    monkeypatch.setattr(log_archive, "LOGS_PER_FILE", 3)
    feed.publish(1.0)
    alert(repeat_mode=1, condition=12, message='with "quotes", and\na line')
    feed.publish(*[1.2, 1.0] * 3, 1.2)
    evaluate_new_batches()
    ids = list(AlertLog.objects.order_by("pk").values_list("pk", flat=True))
    AlertLog.objects.filter(pk__in=ids[:5]).update(evaluated_at=(now() - 11 * DAY) * 1000)
    return ids


def run(to: Path, **options: Any) -> None:
    call_command("archive_alert_logs", to=to, **options)


def archived(folder: Path) -> list[int]:
    """The ids in all files, in the order of the files' ids."""
    rows = []
    for path in folder.glob("alert-logs-*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows += [int(row["id"]) for row in csv.DictReader(file)]
    return sorted(rows)


def test_logs_older_than_the_setting_move_into_files(
    logs: list[int], tmp_path: Path, settings: Settings
) -> None:
    settings.ALERT_LOG_DAYS = 10
    first = AlertLog.objects.get(pk=logs[0])
    run(tmp_path)
    assert archived(tmp_path) == logs[:5]
    assert sorted(AlertLog.objects.values_list("pk", flat=True)) == logs[5:]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"alert-logs-{logs[0]}.csv",
        f"alert-logs-{logs[3]}.csv",
    ]
    with (tmp_path / f"alert-logs-{logs[0]}.csv").open(newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    for name in log_archive.COLUMNS:
        value = getattr(first, name)
        assert row[name] == ("" if value is None else str(value)), name


def test_files_are_readable_by_their_owner_alone_whatever_the_umask(
    logs: list[int], tmp_path: Path
) -> None:
    (tmp_path / f"alert-logs-{logs[0]}.part").touch(0o666)  # of a run that died
    before = os.umask(0)
    try:
        run(tmp_path, before=date.fromtimestamp(now() - 5 * DAY))
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()]
    assert modes == [0o600, 0o600]


def test_without_the_setting_logs_move_only_if_a_day_is_named(
    logs: list[int], tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ALERT_LOG_DAYS = 0
    run(tmp_path)
    assert "every log is kept" in capsys.readouterr().out
    assert AlertLog.objects.count() == 7
    run(tmp_path, before=date(2020, 1, 1))
    assert AlertLog.objects.count() == 7
    run(tmp_path, before=date(2099, 1, 1))
    assert archived(tmp_path) == logs


def test_the_daily_task_moves_old_logs_into_the_folder(
    logs: list[int], tmp_path: Path, settings: Settings
) -> None:
    settings.ALERT_LOG_DAYS, settings.ALERT_LOG_FOLDER = 10, str(tmp_path / "archive")
    prune_logs()
    assert archived(tmp_path / "archive") == logs[:5]
    assert sorted(AlertLog.objects.values_list("pk", flat=True)) == logs[5:]


def test_without_a_folder_old_logs_are_deleted_and_stay_in_the_totals(
    logs: list[int], settings: Settings
) -> None:
    settings.ALERT_LOG_DAYS = 10
    counted = list(DayTotal.objects.values_list("fired", flat=True))
    prune_logs()
    assert sorted(AlertLog.objects.values_list("pk", flat=True)) == logs[5:]
    assert list(DayTotal.objects.values_list("fired", flat=True)) == counted


def test_zero_days_keep_every_log(logs: list[int], settings: Settings) -> None:
    settings.ALERT_LOG_DAYS = 0
    AlertLog.objects.update(evaluated_at=1)
    prune_logs()
    assert AlertLog.objects.count() == 7


def test_by_default_logs_are_kept_for_four_hundred_days(logs: list[int]) -> None:
    for log_id, days in zip(logs, (399, 401), strict=False):
        AlertLog.objects.filter(pk=log_id).update(evaluated_at=now_ms() - days * DAY * 1000)
    prune_logs()
    assert set(logs) - set(AlertLog.objects.values_list("pk", flat=True)) == {logs[1]}
    assert SCHEDULE["alerts.prune_logs"]["schedule"] == DAY


def test_logs_with_waiting_deliveries_stay_and_old_verifications_go(
    logs: list[int], settings: Settings, alice: Any
) -> None:
    settings.ALERT_LOG_DAYS = 10
    address = Address.objects.create(
        account=alice, channel=Channel.EMAIL, address="a@example.com", created_at=1, updated_at=1
    )
    waiting, done = DeliveryState.WAITING, DeliveryState.DELIVERED
    young = now_ms()
    for log_id, state, created in (
        (logs[0], waiting, 1), (logs[1], done, 1), (None, waiting, 2), (None, done, 3),
        (None, done, young),
    ):  # fmt: skip
        Delivery.objects.create(
            address=address, log_id=log_id, state=state, next_try=1, created_at=created
        )
    prune_logs()
    assert sorted(AlertLog.objects.values_list("pk", flat=True)) == [logs[0], *logs[5:]]
    left = Delivery.objects.order_by("created_at").values_list("created_at", flat=True)
    assert list(left) == [1, 2, young]


def test_a_dry_run_counts_and_touches_nothing(
    logs: list[int], tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ALERT_LOG_DAYS = 10
    run(tmp_path, dry_run=True)
    assert capsys.readouterr().out == "5 logs would be archived\n"
    assert not list(tmp_path.iterdir())
    assert AlertLog.objects.count() == 7


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("call", range(1, 15))
def test_a_crash_at_any_step_loses_no_log_and_the_next_run_finishes(
    logs: list[int],
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    call: int,
) -> None:
    """`call`: before the n-th step of opening, syncing, naming and deleting, or after it."""
    settings.ALERT_LOG_DAYS = 10
    left = call

    def dying(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, step)

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "open")):
        dying(owner, name)
    dying(AlertLogQuerySet, "delete")
    try:
        run(tmp_path)
    except Crash:
        kept = set(AlertLog.objects.values_list("pk", flat=True))
        assert kept | set(archived(tmp_path)) == set(logs)
    monkeypatch.undo()
    settings.ALERT_LOG_DAYS = 10
    run(tmp_path)
    assert archived(tmp_path) == logs[:5]
    assert AlertLog.objects.count() == 2


def test_a_file_of_other_logs_is_never_overwritten(
    logs: list[int], tmp_path: Path, settings: Settings
) -> None:
    settings.ALERT_LOG_DAYS = 10
    other = tmp_path / f"alert-logs-{logs[0]}.csv"
    other.write_text("id\n999999\n")
    with pytest.raises(CommandError, match="other logs"):
        run(tmp_path)
    assert other.read_text() == "id\n999999\n"
    assert AlertLog.objects.count() == 7


def test_a_log_with_a_waiting_delivery_stays_while_others_are_archived(
    logs: list[int], tmp_path: Path, settings: Settings, alice: Any
) -> None:
    settings.ALERT_LOG_DAYS = 10
    address = Address.objects.create(
        account=alice, channel=Channel.EMAIL, address="a@example.com", created_at=1, updated_at=1
    )
    for log_id, state in ((logs[0], DeliveryState.WAITING), (logs[1], DeliveryState.DELIVERED)):
        Delivery.objects.create(
            address=address, log_id=log_id, state=state, answer="ok", next_try=1,
            created_at=now_ms(),
        )  # fmt: skip
    run(tmp_path)
    assert archived(tmp_path) == logs[1:5]
    assert AlertLog.objects.filter(pk=logs[0]).exists()
    assert Delivery.objects.get().log_id == logs[0]
    assert "a@example.com" in (tmp_path / f"alert-logs-{logs[1]}.csv").read_text()


def test_a_clients_text_cannot_become_a_spreadsheet_formula(
    logs: list[int], tmp_path: Path, settings: Settings
) -> None:
    settings.ALERT_LOG_DAYS = 10
    AlertLog.objects.filter(pk=logs[0]).update(
        message="=HYPERLINK(1)", comment="-1+1", indicator_name="\n\uff1d1"
    )
    run(tmp_path)
    with (tmp_path / f"alert-logs-{logs[0]}.csv").open(newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    assert (row["message"], row["comment"]) == ("'=HYPERLINK(1)", "'-1+1")
    assert row["indicator_name"] == "'\n\uff1d1"


@pytest.mark.django_db(transaction=True)
def test_a_delivery_resent_during_archiving_is_not_deleted(
    logs: list[int],
    tmp_path: Path,
    settings: Settings,
    alice: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ALERT_LOG_DAYS = 10
    address = Address.objects.create(
        account=alice, channel=Channel.EMAIL, address="a@example.com",
        state=AddressState.VERIFIED, created_at=1, updated_at=1,
    )  # fmt: skip
    delivered = Delivery.objects.create(
        address=address, log_id=logs[0], state=DeliveryState.DELIVERED, next_try=1, created_at=1
    )
    sync, support = os.fsync, ThreadPoolExecutor(1)
    promised: list[Future[set[int]]] = []

    def send_again() -> set[int]:
        try:
            return resend.resend_deliveries([delivered.pk])
        finally:
            connection.close()

    def asking(descriptor: int) -> None:
        if not promised:
            promised.append(support.submit(send_again))
            with suppress(TimeoutError):  # it may have to wait for the archive
                promised[0].result(1)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", asking)
    run(tmp_path)
    assert promised[0].result(10) == set(Delivery.objects.values_list("pk", flat=True))
