"""What starts the rollover, and that it waits for the engine."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Account, User
from config.celery import app
from core.clock import now
from market.quotes import tick_log
from tests.trading.rollover.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Open,
    close_at,
    mark_known,
    publish_at,
    run_night,
)
from trading.models import EngineCheckpoint, Rollover, SwapCharge
from trading.rollover.nights import GRACE, end_of_night, last_night
from trading.rollover.run import ENGINE_WAIT, have_engines_caught_up
from trading.tasks import charge_due_nights

pytestmark = pytest.mark.django_db


def run_command(*words: str) -> str:
    out = StringIO()
    call_command("rollover", *words, stdout=out)
    return out.getvalue()


def create_newest_night() -> Rollover:
    """Create the newest night, as of an installation that has just missed it."""
    night = last_night(now() - GRACE)
    return Rollover.objects.create(night=night, moment=end_of_night(night))


def test_beat_runs_the_rollover_every_minute() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE[charge_due_nights.name]
    assert (entry["task"], entry["schedule"]) == ("trading.rollover", 60.0)
    assert app.tasks["trading.rollover"].name == charge_due_nights.name


def test_the_task_charges_due_nights(alice: Account, position: Open) -> None:
    night = create_newest_night()
    trade = position(alice, at=night.moment - 60)
    charge_due_nights()
    assert SwapCharge.objects.get().trade_id == trade.order


def test_the_command_prints_what_it_did(alice: Account, position: Open) -> None:
    night = create_newest_night()
    position(alice, at=night.moment - 60)
    assert run_command() == f"{night}: 1 trades charged, finished\n"
    assert run_command() == "nothing is due, or another run is at it\n"


def test_the_command_charges_a_single_night(alice: Account, position: Open) -> None:
    night = create_newest_night()
    other = Rollover.objects.create(night=MONDAY, moment=end_of_night(MONDAY))
    position(alice, at=other.moment - 60)
    assert run_command("--night", "2026-03-02") == f"{MONDAY}: 1 trades charged, finished\n"
    night.refresh_from_db()
    assert night.finished == 0


@pytest.mark.parametrize("night", ["2026-03-02", "2026-03-07", "2099-01-05"])
def test_an_unknown_night_is_refused(night: str) -> None:
    create_newest_night()
    with pytest.raises(CommandError, match="no night"):
        run_command("--night", night)
    assert not Rollover.objects.filter(pk=night).exists()


def test_the_first_start_charges_nothing(alice: Account, position: Open) -> None:
    position(alice)
    assert run_night(TUESDAY) == []
    assert Rollover.objects.get().finished
    assert run_night(WEDNESDAY)[0].trades == 1


def test_a_night_waits_for_an_engine_with_unprocessed_quotes_of_the_day(
    alice: Account, position: Open
) -> None:
    mark_known(MONDAY)
    trade = position(alice)
    moment = end_of_night(TUESDAY)
    place = EngineCheckpoint.objects.create(shard=0, batch=moment * 1000 - 1)
    assert tick_log.newest_batch_number() > moment * 1000
    assert run_night(TUESDAY) == []
    close_at(trade, moment - 5)  # the engine carries out a stop loss that it owes
    EngineCheckpoint.objects.filter(pk=place.pk).update(batch=moment * 1000)
    assert run_night(TUESDAY, 120)[0].trades == 0
    assert not SwapCharge.objects.exists()


def test_a_night_does_not_wait_for_an_engine_without_quotes_to_process(alice: Account) -> None:
    moment = now() + 1000
    EngineCheckpoint.objects.create(shard=0, batch=0)
    assert tick_log.newest_batch_number() == 0
    assert have_engines_caught_up(moment, moment + 60)


def test_a_missing_engine_does_not_block_the_night_for_ever(alice: Account, position: Open) -> None:
    position(alice)
    moment = end_of_night(TUESDAY)
    publish_at("EURUSD", 1.1, 1.1001, moment)
    EngineCheckpoint.objects.create(shard=0, batch=1)
    assert not have_engines_caught_up(moment, moment + ENGINE_WAIT)
    assert have_engines_caught_up(moment, moment + ENGINE_WAIT + 1)


def test_support_sees_the_swaps_with_their_terms(
    admin: User, client: Client, alice: Account, position: Open
) -> None:
    mark_known(MONDAY)
    trade = position(alice)
    run_night(TUESDAY)
    client.force_login(admin)
    page = client.get(f"/admin/trading/trade/{trade.order}/change/").content.decode()
    assert "-7.50" in page
    assert "2026-03-03" in page
