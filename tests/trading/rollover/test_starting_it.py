"""What starts the rollover, and that it waits for the engine."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Account, User
from config.celery import app
from core.clock import now
from market import path
from tests.trading.rollover.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Open,
    begin,
    book,
    close,
    quote,
)
from trading.models import EnginePlace, Rollover, SwapCharge
from trading.rollover.nights import GRACE, last_night, moment_of
from trading.rollover.run import PATIENCE, at_rest
from trading.tasks import rollover

pytestmark = pytest.mark.django_db


def called(*words: str) -> str:
    out = StringIO()
    call_command("rollover", *words, stdout=out)
    return out.getvalue()


def last() -> Rollover:
    """Create the newest night, as of an installation that has just missed it."""
    night = last_night(now() - GRACE)
    return Rollover.objects.create(night=night, moment=moment_of(night))


def test_beat_looks_every_minute() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE[rollover.name]
    assert (entry["task"], entry["schedule"]) == ("trading.rollover", 60.0)
    assert app.tasks["trading.rollover"].name == rollover.name


def test_the_task_books_what_is_due(alice: Account, position: Open) -> None:
    night = last()
    trade = position(alice, at=night.moment - 60)
    rollover()
    assert SwapCharge.objects.get().trade_id == trade.order


def test_the_command_says_what_it_did(alice: Account, position: Open) -> None:
    night = last()
    position(alice, at=night.moment - 60)
    assert called() == f"{night}: 1 trades charged, finished\n"
    assert called() == "nothing is due, or another run is at it\n"


def test_the_command_books_one_night_alone(alice: Account, position: Open) -> None:
    night = last()
    other = Rollover.objects.create(night=MONDAY, moment=moment_of(MONDAY))
    position(alice, at=other.moment - 60)
    assert called("--night", "2026-03-02") == f"{MONDAY}: 1 trades charged, finished\n"
    night.refresh_from_db()
    assert night.finished == 0


@pytest.mark.parametrize("night", ["2026-03-02", "2026-03-07", "2099-01-05"])
def test_a_night_that_is_not_on_the_books_is_refused(night: str) -> None:
    last()
    with pytest.raises(CommandError, match="no night"):
        called("--night", night)
    assert not Rollover.objects.filter(pk=night).exists()


def test_the_first_start_charges_nothing(alice: Account, position: Open) -> None:
    position(alice)
    assert book(TUESDAY) == []
    assert Rollover.objects.get().finished
    assert book(WEDNESDAY)[0].trades == 1


def test_a_night_waits_for_an_engine_that_has_quotes_of_the_day_to_walk(
    alice: Account, position: Open
) -> None:
    begin(MONDAY)
    trade = position(alice)
    moment = moment_of(TUESDAY)
    place = EnginePlace.objects.create(shard=0, batch=moment * 1000 - 1)
    assert path.newest() > moment * 1000
    assert book(TUESDAY) == []
    close(trade, moment - 5)  # the engine carries out a stop loss that it owes
    EnginePlace.objects.filter(pk=place.pk).update(batch=moment * 1000)
    assert book(TUESDAY, 120)[0].trades == 0
    assert not SwapCharge.objects.exists()


def test_an_engine_without_anything_to_walk_is_not_waited_for(alice: Account) -> None:
    moment = now() + 1000
    EnginePlace.objects.create(shard=0, batch=0)
    assert path.newest() == 0
    assert at_rest(moment, moment + 60)


def test_an_engine_that_stays_away_holds_nothing_up_for_ever(
    alice: Account, position: Open
) -> None:
    position(alice)
    moment = moment_of(TUESDAY)
    quote("EURUSD", 1.1, 1.1001, moment)
    EnginePlace.objects.create(shard=0, batch=1)
    assert not at_rest(moment, moment + PATIENCE)
    assert at_rest(moment, moment + PATIENCE + 1)


def test_support_sees_the_swaps_with_their_terms(
    admin: User, client: Client, alice: Account, position: Open
) -> None:
    begin(MONDAY)
    trade = position(alice)
    book(TUESDAY)
    client.force_login(admin)
    page = client.get(f"/admin/trading/trade/{trade.order}/change/").content.decode()
    assert "-7.50" in page
    assert "2026-03-03" in page
