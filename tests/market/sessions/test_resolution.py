"""Which hours apply: heading, symbol, account group, date; the more specific replaces."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, Group
from market import sessions, timetable
from market.enums import MarketReason, TradeMode
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Holiday, Schedule
from tests import factories
from tests.market.sessions.week import at, every_day, schedule

MOMENT = at("2026-11-25 12:00")  # a Wednesday
OPEN, HOLIDAY = (1, MarketReason.NONE), (0, MarketReason.HOLIDAY)
WORK_TIME, SESSION = (0, MarketReason.WORK_TIME), (0, MarketReason.SESSION)
DISABLED = (0, MarketReason.DISABLED)


@pytest.fixture
def group(alice: Account) -> Group:
    return alice.group


@pytest.fixture
def open_() -> Schedule:
    return every_day("open", "08:00-20:00")


@pytest.fixture
def closed() -> Schedule:
    return every_day("closed", "20:00-08:00")


def state(name: str, group: Group | None, moment: float = MOMENT) -> tuple[int, int]:
    """Return the market state by the symbol's stored row."""
    symbol = Symbol.objects.get(pk=name)
    found = sessions.state(symbol, group, moment)
    assert sessions.is_open(symbol, group, moment) is bool(found[0])
    return found


def heading(schedule: Schedule) -> None:
    found = SymbolGroup.objects.get(name="Forex")
    found.schedule = schedule
    found.save()


def own(name: str, schedule: Schedule) -> None:
    symbol = Symbol.objects.get(pk=name)
    symbol.schedule = schedule
    symbol.save()


def working(group: Group, schedule: Schedule, mask: str = "*", **fields: bool) -> GroupSchedule:
    return GroupSchedule.objects.create(group=group, schedule=schedule, symbols=mask, **fields)


def holiday(mask: str = "*", hours: str = "", **fields: bool) -> Holiday:
    day = date(2026, 11, 25)
    return Holiday.objects.create(name="Day", date=day, symbols=mask, hours=hours, **fields)


def test_without_any_rule_a_symbol_trades_round_the_clock(eurusd: Symbol, group: Group) -> None:
    for moment in ("2026-11-22 03:00", "2026-11-25 12:00", "2026-12-25 00:00"):
        assert state("EURUSD", group, at(moment)) == OPEN


def test_the_headings_hours_are_those_of_its_symbols(
    eurusd: Symbol, group: Group, closed: Schedule
) -> None:
    heading(closed)
    assert state("EURUSD", group) == SESSION
    assert state("EURUSD", group, at("2026-11-25 20:00")) == OPEN
    SymbolGroup.objects.create(name="Metals")
    gold = factories.symbol("XAUUSD", group_id="Metals")
    assert state(gold.name, group) == OPEN


def test_a_symbols_own_hours_replace_its_headings(
    eurusd: Symbol, group: Group, open_: Schedule, closed: Schedule
) -> None:
    heading(closed)
    own("EURUSD", open_)
    assert state("EURUSD", group) == OPEN
    heading(open_)
    own("EURUSD", closed)
    assert state("EURUSD", group) == SESSION


def test_the_working_time_of_the_account_group_replaces_the_symbols(
    eurusd: Symbol, group: Group, bob: Account, open_: Schedule, closed: Schedule
) -> None:
    own("EURUSD", closed)
    working(group, open_)
    assert state("EURUSD", group) == OPEN
    assert state("EURUSD", bob.group) == state("EURUSD", None) == SESSION
    own("EURUSD", open_)
    working(group, closed)
    assert state("EURUSD", group) == WORK_TIME
    assert state("EURUSD", bob.group) == state("EURUSD", None) == OPEN


def test_a_date_replaces_everything(
    eurusd: Symbol, group: Group, open_: Schedule, closed: Schedule
) -> None:
    own("EURUSD", open_)
    working(group, open_)
    holiday()
    assert state("EURUSD", group) == HOLIDAY
    assert state("EURUSD", group, at("2026-11-26 12:00")) == OPEN
    working(group, closed)
    holiday(hours="11:00-13:00")
    assert state("EURUSD", group) == OPEN
    assert state("EURUSD", group, at("2026-11-25 13:00")) == HOLIDAY


def test_a_symbol_that_is_not_traded_is_disabled_whatever_the_hours(
    eurusd: Symbol, group: Group, open_: Schedule
) -> None:
    own("EURUSD", open_)
    Symbol.objects.update(trade=TradeMode.NO)
    assert state("EURUSD", group) == DISABLED
    holiday()
    assert state("EURUSD", group) == DISABLED
    Symbol.objects.update(trade=TradeMode.CLOSE_ONLY)
    assert state("EURUSD", group) == HOLIDAY
    assert state("EURUSD", group, at("2026-11-26 12:00")) == OPEN


def test_masks_choose_the_symbols(group: Group, closed: Schedule) -> None:
    for name in ("US500", "US30", "DE40"):
        factories.symbol(name, currency="USD", quote_currency="USD", margin_currency="USD")
    holiday("US*,!US500")
    found = {name: state(name, group) for name in ("US500", "US30", "DE40")}
    assert found == {"US500": OPEN, "US30": HOLIDAY, "DE40": OPEN}
    working(group, closed, "*,!US30")
    found = {name: state(name, group) for name in ("US500", "US30", "DE40")}
    assert found == {"US500": WORK_TIME, "US30": HOLIDAY, "DE40": WORK_TIME}


def test_of_several_that_fit_the_one_that_was_added_last_decides(
    eurusd: Symbol, group: Group, open_: Schedule, closed: Schedule
) -> None:
    working(group, closed)
    working(group, open_, "EUR*")
    assert state("EURUSD", group) == OPEN
    working(group, closed, "GBP*")
    assert state("EURUSD", group) == OPEN
    holiday("EUR*", "10:00-14:00")
    holiday()
    assert state("EURUSD", group) == HOLIDAY


def test_what_is_switched_off_does_not_hold(eurusd: Symbol, group: Group, closed: Schedule) -> None:
    working(group, closed, enabled=False)
    holiday(enabled=False)
    assert state("EURUSD", group) == OPEN


def test_a_holiday_lasts_from_midnight_to_midnight_of_the_schedules_time_zone(
    eurusd: Symbol, group: Group
) -> None:
    own("EURUSD", every_day("tokyo", "00:00-24:00", "Asia/Tokyo"))
    holiday()
    found = [state("EURUSD", group, at(f"2026-11-{day}")) for day in
             ("24 14:59", "24 15:00", "25 14:59", "25 15:00")]  # fmt: skip
    assert found == [OPEN, HOLIDAY, HOLIDAY, OPEN]


def test_a_change_of_any_rule_is_seen_at_once_in_the_process_that_made_it(
    eurusd: Symbol, group: Group
) -> None:
    week = schedule(wednesday="08:00-20:00")
    own("EURUSD", week)
    assert state("EURUSD", group) == OPEN
    week.wednesday = "13:00-20:00"
    week.save()
    assert state("EURUSD", group) == SESSION
    day = holiday(hours="10:00-14:00")
    assert state("EURUSD", group) == OPEN
    day.enabled = False
    day.save()
    assert state("EURUSD", group) == SESSION


def test_a_change_by_another_process_is_seen_after_a_moment(
    eurusd: Symbol, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    own("EURUSD", schedule(wednesday="08:00-20:00"))
    assert state("EURUSD", group) == OPEN
    Schedule.objects.update(wednesday="")  # no signal, as from elsewhere
    assert state("EURUSD", group) == OPEN
    monkeypatch.setattr(timetable, "LIFE", 0.0)
    assert state("EURUSD", group) == SESSION


def test_rules_that_did_not_change_keep_what_is_known_of_them(
    eurusd: Symbol, group: Group, open_: Schedule
) -> None:
    own("EURUSD", open_)
    state("EURUSD", group)
    before = timetable.current()
    timetable.forget()
    assert timetable.current() is before
    holiday()
    assert timetable.current() is not before


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["9-17", "09:30-25:00", "always"])
def test_the_database_holds_no_hours_that_cannot_be_read(text: str) -> None:
    for model, fields in ((Schedule, {"monday": text}), (Holiday, {"hours": text})):
        required = {"date": date(2026, 1, 1)} if model is Holiday else {}
        with pytest.raises(IntegrityError), transaction.atomic():
            model._default_manager.create(name="x", **required, **fields)
